import { z } from "zod";
import { type ControlRoute, httpStatusOf } from "./api.ts";
import { requestSchemas } from "./requests.ts";
import { errorSchema, eventSchema, responseSchemas } from "./response-schemas.ts";

const summaries: Readonly<Record<ControlRoute, string>> = {
  "GET /v1/status": "The table, VRRP instances, and how the daemon is.",
  "GET /v1/overrides": "What operators said of real servers, as long as it is in force.",
  "POST /v1/reload": "Read the configuration file again and apply what changed.",
  "POST /v1/upgrade": "Replace the running program by the one on the disk, in place.",
  "POST /v1/plan": "What a reload would change in the table. Changes nothing.",
  "POST /v1/failover": "Hand a VRRP instance over to another router.",
  "POST /v1/drain": "No new connections for a real server: weight 0.",
  "POST /v1/undrain": "Take a drain back.",
  "POST /v1/disable": "Out of the table at once.",
  "POST /v1/enable": "Take a disable back.",
  "POST /v1/weight": "Another weight than the configured one.",
  "POST /v1/connections": "How many connections the table has for a real server.",
  "POST /v1/check": "Run the checks of a real server now.",
  "POST /v1/checks": "The checks of a real server with all their settings.",
  "POST /v1/log-level": "Change what is logged, until the next start.",
};

/** The control API as OpenAPI 3.1, made from the schemas that the server checks requests with. */
export function openApi(version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of Object.keys(summaries) as ControlRoute[]) {
    const [method = "", path = ""] = route.split(" ");
    const takes = requestSchemas[route];
    paths[path] = {
      [method.toLowerCase()]: {
        summary: summaries[route],
        ...(takes instanceof z.ZodNull ? {} : { requestBody: { content: json(takes) } }),
        responses: { "200": { description: "done", content: json(responseSchemas[route]) }, ...errors },
      },
    };
  }
  paths["/v1/events"] = {
    get: {
      summary: "State changes in their order, a JSON object a line; with follow=1 also those to come.",
      parameters: [
        {
          name: "since",
          in: "query",
          schema: { type: "integer" },
          description: "begin with this seq (default: the last 100)",
        },
        { name: "follow", in: "query", schema: { enum: ["0", "1"] } },
      ],
      responses: {
        "200": {
          description: "a stream",
          content: { "application/x-ndjson": { schema: z.toJSONSchema(eventSchema) } },
        },
        ...errors,
      },
    },
  };
  const components = { schemas: { error: z.toJSONSchema(errorSchema) } };
  return { openapi: "3.1.0", info: { title: "lbctl control socket", version }, paths, components };
}

function json(schema: z.ZodType): object {
  return { "application/json": { schema: z.toJSONSchema(schema, { unrepresentable: "any" }) } };
}

const errorContent = { "application/json": { schema: { $ref: "#/components/schemas/error" } } };
const statuses = [...new Set(Object.values(httpStatusOf))];
const errors = Object.fromEntries(
  statuses.map((status) => {
    const codes = Object.entries(httpStatusOf).flatMap(([code, its]) => (its === status ? [code] : []));
    return [`${status}`, { description: codes.join(", "), content: errorContent }];
  }),
);
