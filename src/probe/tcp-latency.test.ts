import { createServer } from "node:net";
import { expect, test } from "vitest";
import { tcpLatency } from "./tcp-latency.ts";

test("answered, with a latency; refused, which is an answer; a wrong address", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { readonly port: number };
  expect(await tcpLatency("127.0.0.1", port, 60_000)).toEqual({ kind: "answered", latencyMs: expect.any(Number) });
  await new Promise((resolve) => server.close(resolve));
  expect(await tcpLatency("127.0.0.1", port, 60_000)).toEqual({ kind: "refused", latencyMs: expect.any(Number) });
  // Discard-only prefix (RFC 6666): no route, or none that answers.
  expect(["unreachable", "silent"]).toContain((await tcpLatency("100::1", 9, 200)).kind);
});
