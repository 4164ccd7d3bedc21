import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { Lab } from "./lab.ts";
import { addressOf, configText } from "./scenario.ts";
import { type SubjectName, startSubject } from "./subjects.ts";

/** From the moment from which a real server is silent to its removal from the table, ms. */
export interface RemovalResult {
  readonly realServers: number;
  readonly subject: SubjectName;
  readonly boundMs: number;
  readonly tookMs: readonly number[];
  /** Killed and still in the table at the end. */
  readonly left: number;
}

const delayLoopS = 5;
const connectTimeoutS = 1;
const retry = 1;
const delayBeforeRetryS = 1;
/** docs/decisions/0011-removal-bound.md */
const boundMs = 1000 * (delayLoopS + (retry + 1) * connectTimeoutS + retry * delayBeforeRetryS);
const atOnce = 5;

export async function measureRemoval(
  lab: Lab,
  realServers: number,
  name: SubjectName,
  deaths: number,
): Promise<RemovalResult> {
  const scenario = { name: "removal", kind: "TCP", realServers, delayLoopS, wanted: 1 } as const;
  const subject = await startSubject(lab, name, configText(scenario, { connectTimeoutS, retry }));
  const diedAtMs = new Map<string, number>();
  try {
    await lab.holds(realServers);
    await sleep(3 * delayLoopS * 1000);
    lab.changes.length = 0;
    while (diedAtMs.size < deaths) {
      const dying = Array.from({ length: atOnce }, () => addressOf(Math.floor(Math.random() * realServers)));
      const fresh = [...new Set(dying)].filter((address) => !diedAtMs.has(address));
      lab.setDead(fresh, true);
      const nowMs = performance.timeOrigin + performance.now();
      for (const address of fresh) diedAtMs.set(address, nowMs);
      await sleep(Math.random() * 1000);
    }
    await sleep(boundMs + 5000);
  } finally {
    lab.setDead([...diedAtMs.keys()], false);
    await subject.stop();
  }
  const tookMs: number[] = [];
  for (const [address, fromMs] of diedAtMs) {
    const removed = lab.changes.find((change) => change.kind === "-" && change.address === address);
    if (removed !== undefined && removed.atEpochMs - fromMs < boundMs + 5000) tookMs.push(removed.atEpochMs - fromMs);
  }
  return { realServers, subject: name, boundMs, tookMs, left: diedAtMs.size - tookMs.length };
}
