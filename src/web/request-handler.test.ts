import { request as requestOf } from "node:http";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { scrapeOf } from "./metrics/scrape.ts";
import { type Known, type Mirror, SupervisorSilent } from "./mirror.ts";
import { requestHandler } from "./request-handler.ts";
import { sampleKnown, serve } from "./testing/sample-known.ts";
import type { Told } from "./told.ts";

let listensOn = "127.0.0.1";
let known: () => Promise<Known>;
let logged: string[];
let server: Awaited<ReturnType<typeof serve>>;

beforeEach(async () => {
  listensOn = "127.0.0.1";
  logged = [];
  known = async () => sampleKnown();
  const mirror = { refresh: () => known(), events: [] } as unknown as Mirror;
  server = await serve(
    requestHandler({
      mirror,
      table: async () => sampleKnown().table,
      scrape: async () =>
        scrapeOf({
          ...(await known()),
          table: sampleKnown().table,
          totals: null,
          processes: [],
          nodeVersion: "24.0.0",
        }),
      listensOn: () => listensOn,
      log: (message) => logged.push(message),
    }),
  );
});
afterEach(() => server.close());

const get = (path: string, init: RequestInit = {}): Promise<Response> => fetch(`${server.url}${path}`, init);

/** As another client would ask: fetch sets the host by itself. */
function getRaw(
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number; body: Buffer; encoding: string }> {
  return new Promise((resolve, reject) => {
    requestOf(`${server.url}${path}`, { headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const encoding = String(response.headers["content-encoding"] ?? "");
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks), encoding });
      });
    })
      .on("error", reject)
      .end();
  });
}

test("metrics, in the format that is asked for, compressed if it may be", async () => {
  const text = await get("/metrics", { headers: { "accept-encoding": "identity" } });
  expect(text.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(await text.text()).toContain("lbctl_drift_repaired_total 6\n");
  const open = await get("/metrics", { headers: { accept: "application/openmetrics-text; version=1.0.0" } });
  expect(open.headers.get("content-type")).toContain("application/openmetrics-text");
  expect(await open.text()).toMatch(/# EOF\n$/);
  const packed = await getRaw("/metrics", { "accept-encoding": "gzip" });
  expect(packed.encoding).toBe("gzip");
  expect(gunzipSync(packed.body).toString()).toContain("lbctl_drift_repaired_total 6\n");
});

test("the page, its document, and its stream", async () => {
  const page = await get("/");
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(page.headers.get("x-content-type-options")).toBe("nosniff");
  expect(await page.text()).toContain("<!doctype html>");
  expect(await (await get("/page.json?open=web")).json()).toMatchObject({ level: "attention" });
  const stop = new AbortController();
  const live = await get("/live?open=web", { signal: stop.signal });
  expect(live.headers.get("content-type")).toContain("text/event-stream");
  const { value } = (await live.body?.getReader().read()) ?? {};
  const [, data = ""] = /^event: page\ndata: (.*)\n\n$/.exec(Buffer.from(value ?? []).toString()) ?? [];
  expect(JSON.parse(data).virtual_servers.items[0].real_servers.items).toHaveLength(2);
  stop.abort();
});

test("health is a status", async () => {
  expect((await get("/healthz")).status).toBe(200);
  const { told } = sampleKnown();
  const restarting: Told = { ...told, daemon: { ...told.daemon, checker: "restarting" } };
  known = async () => ({ ...sampleKnown(), told: restarting });
  const bad = await get("/healthz");
  expect(bad.status).toBe(503);
  expect(await bad.text()).toBe("the checker process is restarting\n");
});

test("a supervisor that is silent makes everything that needs it unavailable, and the page says so by itself", async () => {
  known = () => Promise.reject(new SupervisorSilent("the supervisor does not answer"));
  for (const path of ["/metrics", "/healthz", "/page.json"]) expect((await get(path)).status, path).toBe(503);
  expect((await get("/")).status).toBe(200);
  expect(logged).toEqual([]);
});

test("a fault of ours is logged, not shown", async () => {
  known = () => Promise.reject(new Error("secret"));
  const response = await get("/metrics");
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain("secret");
  expect(logged.join()).toContain("secret");
});

test.each(["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])("%s changes nothing anywhere", async (method) => {
  for (const path of ["/", "/metrics", "/v1/drain", "/v1/reload"]) {
    const response = await get(path, { method });
    expect(response.status, path).toBe(405);
    expect(response.headers.get("allow")).toBe("GET, HEAD");
  }
});

test.each(["/v1/status", "/v1/events", "/../etc/passwd", "/page.html", "//", "/%", "/metrics/"])(
  "%s is not there",
  async (path) => {
    expect((await getRaw(path, {})).status).toBe(404);
  },
);

test("a name that was made to point here is refused where only this machine may ask", async () => {
  expect((await getRaw("/metrics", { host: "evil.example" })).status).toBe(403);
  listensOn = "0.0.0.0";
  expect((await getRaw("/metrics", { host: "lb1.example.net" })).status).toBe(200);
});

test("HEAD answers without a body", async () => {
  for (const path of ["/", "/metrics", "/healthz", "/live"]) {
    const response = await get(path, { method: "HEAD" });
    expect([path, response.status, await response.text()]).toEqual([path, 200, ""]);
  }
});
