// What a scrape costs, and whom: npm run bench -- metrics [--sizes 1000,10000] [--seconds 20]
import { get } from "node:http";
import { createServer } from "node:net";
import { loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { textTable } from "../../../src/cli/text-table.ts";
import { freePort } from "../../../src/demo/free-port.ts";
import { type Daemon, DirectorNode, until } from "../../e2e/lbctl.ts";

const delayLoopS = 5;
const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "1000,10000" },
    seconds: { type: "string", default: "20" },
  },
});
const seconds = Number(values.seconds);

/** Numbers of one answer, by series as it is written. */
type Scrape = ReadonlyMap<string, number>;

async function scrape(url: string): Promise<{ readonly numbers: Scrape; readonly ms: number; readonly text: string }> {
  const startMs = performance.now();
  const text = await new Promise<string>((resolve, reject) => {
    get(`${url}/metrics`, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve(Buffer.concat(chunks).toString()));
    }).on("error", reject);
  });
  const ms = performance.now() - startMs;
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const numbers = new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]),
  );
  return { numbers, ms, text };
}

function configuration(count: number, target: number, port: number): object {
  const timing = { delay_loop: delayLoopS, connect_timeout: 3, warmup: delayLoopS };
  const real_server = Array.from({ length: count }, (_, index) => ({
    ...{ address: `127.1.${index >> 8}.${index & 255}`, port: target, weight: 1 },
    TCP_CHECK: timing,
  }));
  const perServer = 100;
  const virtual_server = Array.from({ length: Math.ceil(count / perServer) }, (_, index) => ({
    ...{ name: `vs${index}`, address: `127.0.1.${index + 1}`, port, protocol: "TCP", lvs_sched: "rr" },
    real_server: real_server.slice(index * perServer, (index + 1) * perServer),
  }));
  return { global_defs: { metrics_address: 0 }, virtual_server };
}

const cpu = (numbers: Scrape, process: string) =>
  numbers.get(`lbctl_process_cpu_seconds_total{process="${process}"}`) ?? 0;

/** Numbers of a while in which somebody scrapes every `everyMs`, or nobody (null) but at both ends. */
async function during(url: string, everyMs: number | null) {
  const first = await scrape(url);
  const times: number[] = [];
  const endMs = performance.now() + seconds * 1000;
  while (performance.now() < endMs) {
    await sleep(everyMs ?? seconds * 1000);
    if (everyMs !== null) times.push((await scrape(url)).ms);
  }
  const last = await scrape(url);
  times.push(last.ms);
  const gained = (name: string) => (last.numbers.get(name) ?? 0) - (first.numbers.get(name) ?? 0);
  const counts = [...last.numbers.keys()].filter((name) => name.startsWith("lbctl_check_duration_seconds_count"));
  const runs = counts.reduce((sum, name) => sum + gained(name), 0);
  const starts = gained("lbctl_check_starts_total");
  const perScrape = (process: string) =>
    ((cpu(last.numbers, process) - cpu(first.numbers, process)) * 1000) / times.length;
  return {
    runs,
    lateMs: (gained("lbctl_check_start_lateness_seconds_total") * 1000) / starts,
    worstMs: (last.numbers.get("lbctl_check_start_lateness_max_seconds") ?? 0) * 1000,
    scrapeMs: times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0,
    webMs: perScrape("web"),
    supervisorMs: perScrape("supervisor"),
    checkerS: cpu(last.numbers, "checker") - cpu(first.numbers, "checker"),
    series: last.numbers.size,
    text: last.text,
  };
}

async function measure(count: number, target: number): Promise<string[][]> {
  const node = new DirectorNode();
  try {
    node.configure(configuration(count, target, await freePort()));
    const daemon: Daemon = await node.start();
    const listens = /served on (http:\/\/\S+)\//;
    await daemon.logged(listens);
    const url = listens.exec(daemon.log())?.[1] ?? "";
    await until("all are up", async () => {
      const { numbers } = await scrape(url);
      const up = [...numbers].filter(([name, value]) => name.startsWith("lbctl_real_server_up{") && value === 1);
      return up.length === count;
    });
    const rows: string[][] = [];
    for (const [how, everyMs] of [
      ["nobody", null],
      ["every second", 1000],
      ["nobody", null],
    ] as const) {
      const seen = await during(url, everyMs);
      const { runs, lateMs, worstMs, scrapeMs, webMs, supervisorMs, checkerS, series, text } = seen;
      rows.push([
        ...[
          `${count}`,
          how,
          `${series}`,
          (text.length / 1e6).toFixed(1),
          (gzipSync(text, { level: 1 }).length / 1e6).toFixed(2),
        ],
        ...(everyMs === null ? ["", "", ""] : [scrapeMs.toFixed(0), webMs.toFixed(0), supervisorMs.toFixed(0)]),
        ...[`${runs}`, checkerS.toFixed(1), lateMs.toFixed(2), worstMs.toFixed(0)],
      ]);
    }
    return rows;
  } finally {
    await node.close();
  }
}

const server = createServer((socket) => socket.on("error", () => {}).destroy());
const target = await freePort();
await new Promise<void>((resolve) => server.listen({ port: target, host: "0.0.0.0", backlog: 4096 }, resolve));
const rows: string[][] = [];
for (const size of values.sizes.split(",").map(Number)) rows.push(...(await measure(size, target)));
server.close();
const head = [
  ...["real servers", "scraped by", "series", "MB", "MB gzip", "scrape ms", "web CPU ms", "supervisor CPU ms"],
  ...["checks", "checker CPU s", "mean late ms", "worst so far ms"],
];
console.log(
  `load ${loadavg()[0]?.toFixed(1)}; CPU of web and supervisor is of one scrape, with what they do beside it`,
);
console.log(
  textTable(
    [head, ...rows],
    head.map((_, column) => column).filter((column) => column !== 1),
  ).join("\n"),
);
