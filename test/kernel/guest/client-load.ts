// usage: node client-load.ts --url URL [--rate 20] [--deadline-ms 2000] [--concurrency 200] [--duration-ms N] [--hold] [--changes]
// Requests at a steady rate, each on a connection of its own, whether or not earlier ones have been answered. With
// --hold they go one after the other over a single connection, and all fail from the moment it is lost.
// Prints "running" with the first request; with --changes "from NAME" whenever another server answers than before. When the duration is over, or on SIGTERM or SIGINT, waits for the requests
// under way and prints a LoadSummary as one line of JSON.
import { parseArgs } from "node:util";
import { HeldConnection } from "./client-load-held.ts";
import { get } from "./client-load-request.ts";
import { type Outcome, summarize } from "./client-load-summary.ts";

const { values } = parseArgs({
  options: {
    url: { type: "string" },
    rate: { type: "string", default: "20" },
    "deadline-ms": { type: "string", default: "2000" },
    concurrency: { type: "string", default: "200" },
    "duration-ms": { type: "string" },
    hold: { type: "boolean", default: false },
    changes: { type: "boolean", default: false },
  },
});
if (values.url === undefined) throw new Error("--url is missing");
const url = new URL(values.url);
const deadlineMs = Number(values["deadline-ms"]);
const concurrency = values.hold ? 1 : Number(values.concurrency);
const agent = values.hold ? new HeldConnection() : false;

const outcomes: Outcome[] = [];
const underWay = new Set<Promise<void>>();
let notSent = 0;
let finishing = false;
let answering: string | null = null;

function send(): void {
  if (underWay.size >= concurrency) {
    notSent += values.hold ? 0 : 1;
    return;
  }
  const exchange = get(url, deadlineMs, agent).then((outcome) => {
    outcomes.push(outcome);
    if (values.changes && outcome.ok && outcome.server !== answering) {
      answering = outcome.server;
      console.log(`from ${answering}`);
    }
    underWay.delete(exchange);
  });
  underWay.add(exchange);
}

async function finish(): Promise<void> {
  if (finishing) return;
  finishing = true;
  clearInterval(timer);
  await Promise.all(underWay);
  console.log(JSON.stringify(summarize(outcomes, notSent)));
  process.exit(0);
}

const timer = setInterval(send, 1000 / Number(values.rate));
send();
console.log("running");
process.on("SIGTERM", finish);
process.on("SIGINT", finish);
if (values["duration-ms"] !== undefined) setTimeout(finish, Number(values["duration-ms"]));
