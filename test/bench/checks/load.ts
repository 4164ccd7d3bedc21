import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { cpuMs, pssMiB } from "../vrrp/process-cost.ts";
import type { Lab } from "./lab.ts";
import { configText, type Scenario } from "./scenario.ts";
import { logOf, type SubjectName, startSubject } from "./subjects.ts";

/** What a director costs that does nothing but check. */
export interface LoadResult {
  readonly scenario: string;
  readonly subject: SubjectName;
  /** Connections that the real servers counted. */
  readonly checksPerS: number;
  /** Of the process that checks; and of all its processes. */
  readonly cpuMsPer1000: number;
  readonly allCpuMsPer1000: number;
  readonly pssMiB: number;
  readonly allPssMiB: number;
}

/** Until every check runs in its rhythm and, of lbctl, Node has compiled what runs all the time. */
const settleMs = { keepalived: 4000, lbctl: 16_000 } as const;

export async function measureLoad(
  lab: Lab,
  scenario: Scenario,
  name: SubjectName,
  seconds: number,
): Promise<LoadResult> {
  const subject = await startSubject(lab, name, configText(scenario));
  try {
    await lab.holds(scenario.realServers);
    await sleep(settleMs[name] + scenario.delayLoopS * 1000);
    const checker = [subject.checkerPid];
    const now = () => ({
      ms: performance.now(),
      checks: lab.connections(scenario.kind),
      cpu: cpuMs(checker),
      all: cpuMs(subject.pids),
    });
    const from = now();
    await sleep(seconds * 1000);
    const to = now();
    const checks = to.checks - from.checks;
    if (checks === 0) throw new Error(`${name} checked nothing:\n${logOf(lab, name)}`);
    return {
      scenario: scenario.name,
      subject: name,
      checksPerS: (checks * 1000) / (to.ms - from.ms),
      cpuMsPer1000: ((to.cpu - from.cpu) * 1000) / checks,
      allCpuMsPer1000: ((to.all - from.all) * 1000) / checks,
      pssMiB: pssMiB(checker),
      allPssMiB: pssMiB(subject.pids),
    };
  } finally {
    await subject.stop();
  }
}
