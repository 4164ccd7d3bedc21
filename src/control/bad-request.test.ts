import { expect, test } from "vitest";
import type { ControlError, ControlRoute } from "./api.ts";
import { badRequest, noSuchRequest } from "./bad-request.ts";
import { requestSchemas } from "./requests.ts";

function refusal(route: ControlRoute, sent: unknown): ControlError {
  const parsed = requestSchemas[route].safeParse(sent);
  if (parsed.success) throw new Error(`${route} takes ${JSON.stringify(sent)}`);
  return badRequest(route, sent, parsed.error);
}

test.each<[ControlRoute, unknown, RegExp]>([
  ["POST /v1/drain", null, /^POST \/v1\/drain needs a body: a JSON object$/],
  ["POST /v1/drain", [], /the body is not a JSON object/],
  ["POST /v1/drain", {}, /^POST \/v1\/drain: real_server is missing$/],
  ["POST /v1/drain", { real_server: "a", for: 3 }, /there is no "for", did you mean "for_s"\?/],
  [
    "POST /v1/drain",
    { realserver: "a" },
    /real_server is missing; there is no "realserver", did you mean "real_server"/,
  ],
  ["POST /v1/drain", { real_server: "a", for_s: "30m" }, /for_s is "30m": .*expected number/],
  ["POST /v1/drain", { real_server: "a", for_s: -1 }, /for_s is -1: .*>0/],
  ["POST /v1/weight", { real_server: "a" }, /weight is missing/],
  ["POST /v1/weight", { real_server: "a", weight: 70_000 }, /weight is 70000: .*<=65535/],
  ["POST /v1/weight", { real_server: "a", weight: "x".repeat(1000) }, /weight is "x{59}\.\.\.: /],
  ["POST /v1/plan", { file: "lb.yaml" }, /file is "lb\.yaml": not an absolute path/],
  ["POST /v1/log-level", { level: "loud" }, /level is "loud": .*"error"/],
  ["POST /v1/reload", {}, /^POST \/v1\/reload takes no body$/],
])("%s %j", (route, sent, message) => {
  const { code, message: said } = refusal(route, sent);
  expect(code).toBe("bad-request");
  expect(said).toMatch(message);
});

test("the hint has every field, and which of them have to be there", () => {
  const { hint } = refusal("POST /v1/weight", {});
  expect(hint).toMatch(
    /^It takes real_server, required \("10\.0\.0\.11:80", .*\); virtual_server \(.*\); weight, required \(.*\); for_s \(.*\)\.$/,
  );
});

test("every field of every request has a description", () => {
  for (const route of Object.keys(requestSchemas) as ControlRoute[]) {
    if (requestSchemas[route].safeParse(1).success) continue;
    expect(refusal(route, 1).hint).not.toContain("no more is known");
  }
});

test.each([
  ["GET /v1/reload", "/v1/reload is not asked for with GET", /^POST \/v1\/reload is a request\.$/],
  ["GET /v1/sttaus", "GET /v1/sttaus is not a request of this API", /^Did you mean GET \/v1\/status\? Requests: /],
  ["GET /", "GET / is not a request of this API", /^Requests: GET \/v1\/status, /],
])("%s", (route, message, hint) => {
  const refused = noSuchRequest(route, Object.keys(requestSchemas));
  expect(refused).toMatchObject({ code: "not-found", message });
  expect(refused.hint).toMatch(hint);
});
