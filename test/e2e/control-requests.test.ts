import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { httpStatusOf } from "../../src/control/api.ts";
import { requestSchemas } from "../../src/control/requests.ts";
import { freePort } from "../../src/demo/free-port.ts";
import { DirectorNode } from "./lbctl.ts";
import { textOf } from "./page.ts";
import { virtualServer } from "./virtual-server.ts";
import { WebServer } from "./web-servers.ts";

// Each request of the control socket, by hand with curl: what it takes it does, and what it does not take it refuses, saying where
// and what would be right.

const node = new DirectorNode();
let web: WebServer;
let rs: string;

beforeAll(async () => {
  web = await WebServer.start("web");
  rs = `127.0.0.1:${web.port}`;
  node.configure({ virtual_server: [virtualServer("web", await freePort(), [web])] });
  await node.start();
});
afterAll(async () => {
  await node.close();
  await web?.stop();
});

interface Answer {
  readonly status: number;
  readonly body: { readonly error?: { readonly code: string; readonly message: string; readonly hint: string } };
}

async function curl(route: string, body?: string): Promise<Answer> {
  const [method = "", path = ""] = route.split(" ");
  const data = body === undefined ? [] : ["-d", body];
  const words = ["-sS", "-w", "\n%{http_code}", "--unix-socket", join(node.runDir, "control.sock"), "-X", method];
  const { stdout } = await promisify(execFile)("curl", [...words, ...data, `http://lbctl${path}`]);
  const [text = "", status = ""] = stdout.split(/\n(?=\d+$)/);
  return { status: Number(status), body: JSON.parse(text === "" ? "null" : text) };
}

/** In an order in which one makes the next possible. */
const good: readonly [string, object | null, object][] = [
  ["GET /v1/status", null, { version: 1, virtual_servers: [{ name: "web" }] }],
  ["POST /v1/drain", { for_s: 1800 }, { changed: 1 }],
  ["GET /v1/overrides", null, { overrides: [{ admin_state: "drained" }] }],
  ["POST /v1/undrain", {}, { changed: 1 }],
  ["POST /v1/disable", { virtual_server: "web" }, { changed: 1 }],
  ["POST /v1/enable", { virtual_server: "web" }, { changed: 1 }],
  ["POST /v1/weight", { weight: 3 }, { changed: 1 }],
  ["POST /v1/weight", { weight: null }, { changed: 1 }],
  ["POST /v1/connections", {}, { active: 0 }],
  ["POST /v1/check", {}, { checks: 1 }],
  ["POST /v1/checks", {}, { checks: [{ virtual_server: "web" }] }],
  ["POST /v1/log-level", { level: "debug" }, { level: "debug", was: "info" }],
  ["POST /v1/plan", {}, { operations: [], changes: [] }],
  ["POST /v1/reload", null, { generation: 2, refused: [] }],
];

test("each request that the page names is answered, or says why it cannot be carried out", async () => {
  const target = new Set(["drain", "undrain", "disable", "enable", "weight", "connections", "check", "checks"]);
  for (const [route, fields, wanted] of good) {
    const ofRealServer = target.has(route.split("/").at(-1) ?? "") ? { real_server: rs } : {};
    const answer = await curl(route, fields === null ? undefined : JSON.stringify({ ...ofRealServer, ...fields }));
    expect(answer, route).toMatchObject({ status: 200, body: wanted });
  }
  const failover = await curl("POST /v1/failover", '{"instance": "VI_1"}');
  expect(failover).toMatchObject({ status: 404, body: { error: { message: "there is no vrrp_instance VI_1" } } });
  const upgrade = await curl("POST /v1/upgrade", "{}");
  expect(upgrade).toMatchObject({ status: 500, body: { error: { code: "upgrade-failed" } } });
  const asked = [...good.map(([route]) => route), "POST /v1/failover", "POST /v1/upgrade"];
  expect(new Set(asked)).toEqual(new Set(Object.keys(requestSchemas)));
  const page = textOf("docs/operations.md");
  for (const route of asked) expect(page, route).toMatch(new RegExp(`\`(?:${route}|${route.split("/").at(-1)})\``));
});

test.each([
  ["POST /v1/drain", undefined, 400, /needs a body/, /^It takes real_server, required/],
  ["POST /v1/drain", "{real_server: 1}", 400, /not JSON/, /double quotes/],
  ["POST /v1/drain", '{"real_server": "10.9.9.9:80"}', 404, /10\.9\.9\.9:80/, /Real servers: /],
  ["POST /v1/undrain", '{"realserver": "a"}', 400, /did you mean "real_server"/, /It takes/],
  ["POST /v1/disable", '{"real_server": "web1"}', 404, /web1 is no real server/, /Write 10\.0\.0\.11:80/],
  ["POST /v1/enable", '{"real_server": "127.0.0.1", "virtual_server": "wbe"}', 404, /wbe/, /Virtual servers: web/],
  ["POST /v1/weight", '{"real_server": "127.0.0.1"}', 400, /weight is missing/, /weight, required/],
  ["POST /v1/weight", '{"real_server": "127.0.0.1", "weight": 70000}', 400, /weight is 70000/, /weight, required/],
  ["POST /v1/connections", "[]", 400, /not a JSON object/, /It takes/],
  ["POST /v1/check", '{"real_server": ""}', 400, /real_server is ""/, /It takes/],
  ["POST /v1/checks", '{"real_server": 5}', 400, /real_server is 5/, /It takes/],
  ["POST /v1/failover", '{"instance": "VI_1", "wait": "no"}', 400, /wait is "no"/, /instance, required/],
  ["POST /v1/log-level", '{"level": "loud"}', 400, /level is "loud"/, /level, required/],
  ["POST /v1/plan", '{"file": "lb.yaml"}', 400, /file is "lb\.yaml": not an absolute path/, /It takes file/],
  ["POST /v1/plan", '{"file": "/nowhere.yaml"}', 422, /nowhere\.yaml: there is no such file/, /Correct the file/],
  ["POST /v1/upgrade", '{"if_changed": "yes"}', 400, /if_changed is "yes"/, /It takes if_changed/],
  ["POST /v1/reload", '{"file": "/x"}', 400, /takes no body/, /without one/],
  ["GET /v1/reload", undefined, 404, /not asked for with GET/, /POST \/v1\/reload is a request/],
  ["GET /v1/state", undefined, 404, /not a request/, /Did you mean GET \/v1\/status/],
  ["GET /v1/events?since=yesterday", undefined, 400, /yesterday/, /seq of an event/],
  ["GET /v1/overrides", "1", 400, /takes no body/, /without one/],
] as const)("%s %s is refused", async (route, sent, status, message, hint) => {
  const answer = await curl(route, sent);
  expect(answer.status).toBe(status);
  expect(answer.body.error?.message).toMatch(message);
  expect(answer.body.error?.hint).toMatch(hint);
});

test("what the page says of failures is what the API has", () => {
  const [, rows = ""] = /\| HTTP \| `code` \|[^\n]*\n([\s\S]*?)\n\n/.exec(textOf("docs/operations.md")) ?? [];
  const codes = [...rows.matchAll(/^\| (\d+) \| `([\w-]+)`/gm)].map(([, http, code]) => [code, Number(http)]);
  expect(Object.fromEntries(codes)).toEqual(httpStatusOf);
});
