import { z } from "zod";
import { nearest } from "../config/suggest.ts";
import { ControlError, type ControlRoute } from "./api.ts";
import { requestSchemas } from "./requests.ts";

/** What a request carries that is not what it takes: which field, what is wrong with it, and all that there is to give. */
export function badRequest(route: ControlRoute, sent: unknown, error: z.ZodError): ControlError {
  const fields = fieldsOf(route);
  if (fields === null) return new ControlError("bad-request", `${route} takes no body`, "Send it without one.");
  const hint = `It takes ${Object.entries(fields).map(describeField).join("; ")}.`;
  if (sent === null) return new ControlError("bad-request", `${route} needs a body: a JSON object`, hint);
  if (typeof sent !== "object" || Array.isArray(sent))
    return new ControlError("bad-request", `${route}: the body is not a JSON object`, hint);
  const wrong = error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => describeStranger(key, Object.keys(fields)))
      : [describeIssue(issue, sent as Readonly<Record<string, unknown>>)],
  );
  return new ControlError("bad-request", `${route}: ${wrong.join("; ")}`, hint);
}

/** Why no request of this method and path is answered, and what probably was meant. */
export function noSuchRequest(route: string, routes: readonly string[]): ControlError {
  const [method = "", path = ""] = route.split(" ");
  const other = routes.find((each) => each.endsWith(` ${path}`));
  if (other !== undefined)
    return new ControlError("not-found", `${path} is not asked for with ${method}`, `${other} is a request.`);
  const paths = routes.map((each) => each.slice(each.indexOf(" ") + 1));
  const meant = routes[paths.indexOf(nearest(path, paths) ?? "")];
  const all = `Requests: ${routes.join(", ")}.`;
  const hint = meant === undefined ? all : `Did you mean ${meant}? ${all}`;
  return new ControlError("not-found", `${route} is not a request of this API`, hint);
}

type Fields = Readonly<Record<string, z.ZodType>>;

/** Null: it carries nothing. */
function fieldsOf(route: ControlRoute): Fields | null {
  const schema: z.ZodType = requestSchemas[route];
  const inner = schema instanceof z.ZodNullable ? schema.unwrap() : schema;
  return inner instanceof z.ZodObject ? inner.shape : null;
}

function describeField([name, schema]: [string, z.ZodType]): string {
  const required = schema.safeParse(undefined).success ? "" : ", required";
  return `${name}${required} (${schema.description ?? "no more is known of it"})`;
}

function describeStranger(key: string, fields: readonly string[]): string {
  const meant = nearest(key, fields) ?? fields.find((field) => field.startsWith(`${key}_`));
  return `there is no ${JSON.stringify(key)}${meant === undefined ? "" : `, did you mean "${meant}"?`}`;
}

function describeIssue({ path, message }: z.core.$ZodIssue, sent: Readonly<Record<string, unknown>>): string {
  const [field = ""] = path.map(String);
  const value = sent[field];
  if (value === undefined) return `${field} is missing`;
  const shown = JSON.stringify(value);
  return `${field} is ${shown.length > 60 ? `${shown.slice(0, 60)}...` : shown}: ${message}`;
}
