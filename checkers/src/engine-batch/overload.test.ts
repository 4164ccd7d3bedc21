import { native } from "ipvs-netlink";
import { expect, test } from "vitest";
import type { ProbeResult } from "../engine.ts";
import { defaultLimits } from "../http/parser.ts";
import { connectTo, tcpCheck } from "../testing/examples.ts";
import { hangs, listen, unusedPort } from "../testing/misbehaving-server.ts";
import { BatchProbeEngine, type BatchRequest } from "./engine.ts";

/** More than one wake-up tells of at once. */
const checks = 2000;

test.each(["refused", "accepted"])(
  "checks that are due again as soon as they end, all of them %s, leave the process its event loop",
  async (kind) => {
    const server = await listen(hangs);
    const port = kind === "refused" ? await unusedPort() : server.port;
    const request = (id: number): BatchRequest => ({ id, spec: tcpCheck(connectTo(port)), timeoutMs: 20_000 });
    const giveUpMs = performance.now() + 30_000;
    let results = 0;
    let turns = 0;
    const onResults = (batch: readonly ProbeResult[]) => {
      results += batch.length;
      // A process that never comes back could not fail this test.
      if (turns < 20 && performance.now() < giveUpMs) engine.start(batch.map(({ id }) => request(id)));
    };
    const engine = new BatchProbeEngine(onResults, { native: native(), limits: defaultLimits });
    engine.start(Array.from({ length: checks }, (_, id) => request(id)));
    while (turns < 20 && performance.now() < giveUpMs) {
      await new Promise((resolve) => setImmediate(resolve));
      turns += results > checks ? 1 : 0;
    }
    expect(performance.now()).toBeLessThan(giveUpMs);
    engine.close();
    await server.close();
  },
);
