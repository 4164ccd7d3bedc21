import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../src/demo/free-port.ts";
import { type Daemon, DirectorNode, until } from "./lbctl.ts";
import { virtualServer } from "./virtual-server.ts";
import { WebServer } from "./web-servers.ts";

// Scrapes of 10,000 real servers without a pause, and a server that is checked every second: how late its checks are is reported beside
// what it is without scrapes, and not asserted. web.test.ts proves that none of them waits for a scrape.

const node = new DirectorNode();
const count = 10_000;
let web: WebServer;
let daemon: Daemon;

beforeAll(async () => {
  web = await WebServer.start("web");
  const real_server = Array.from({ length: count }, (_, i) => ({ address: `10.0.${i >> 8}.${i & 255}`, port: 80 }));
  node.configure({
    global_defs: { metrics_address: 0 },
    virtual_server: [
      virtualServer("web", await freePort(), [web]),
      { name: "many", address: "127.0.0.1", port: await freePort(), protocol: "TCP", real_server },
    ],
  });
  daemon = await node.start();
  await daemon.logged(/served on http:/);
}, 300_000);
afterAll(async () => {
  await node.close();
  await web?.stop();
});

/** The longest time between two checks of the next fifteen, in ms; a machine that stalls makes all of them late. */
async function longestGapMs(): Promise<number> {
  const gapsMs: number[] = [];
  let lastMs: number | null = null;
  let seen = web.asked;
  while (gapsMs.length < 15) {
    await sleep(5);
    if (web.asked === seen) continue;
    seen = web.asked;
    const nowMs = performance.now();
    if (lastMs !== null) gapsMs.push(nowMs - lastMs);
    lastMs = nowMs;
  }
  return Math.max(...gapsMs);
}

test("a real server is checked as often beside scrapes as without them", { timeout: 300_000 }, async () => {
  const url = `${/served on (http:\/\/127\.0\.0\.1:\d+)\//.exec(daemon.log())?.[1]}/metrics`;
  const scrape = async () => (await fetch(url)).text();
  await until("the metrics tell of all of them", async () => {
    const lines = (await scrape()).match(/^lbctl_real_server_up\{/gm) ?? [];
    return lines.length === count + 1;
  });
  const aloneMs = await longestGapMs();
  let over = false;
  let scrapes = 0;
  const scraping = (async () => {
    while (!over) {
      await scrape();
      scrapes++;
    }
  })();
  const besideMs = await longestGapMs();
  over = true;
  await scraping;
  expect(scrapes).toBeGreaterThan(0);
  console.log(
    `longest time between two checks: ${Math.round(aloneMs)} ms alone, ${Math.round(besideMs)} ms beside ${scrapes} scrapes of ${count} real servers (${(besideMs / aloneMs).toFixed(2)} times)`,
  );
});
