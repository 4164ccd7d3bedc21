import { expect, test } from "vitest";
import { ControlError } from "./api.ts";
import { openApi } from "./openapi.ts";
import { requestSchemas } from "./requests.ts";
import { errorSchema } from "./response-schemas.ts";

test("every request of the API is described, and the stream", () => {
  const { paths } = openApi("1") as { readonly paths: Readonly<Record<string, object>> };
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(routes.toSorted()).toEqual([...Object.keys(requestSchemas), "GET /v1/events"].toSorted());
  expect(JSON.stringify(paths["/v1/drain"])).toContain("10.0.0.11:80");
});

test("a failure is as described", () => {
  const { code, message, hint } = new ControlError("conflict", "it is so already", "leave it");
  expect(errorSchema.safeParse({ error: { code, message, hint } }).success).toBe(true);
});
