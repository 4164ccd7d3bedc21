// npm run bench -- checks: the same checks by lbctl and keepalived, on this machine, one after the other.
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { median } from "../statistics.ts";
import { cpuMs, pssMiB } from "../vrrp/process-cost.ts";
import { Lab } from "./lab.ts";
import { configText, type Scenario, scenarios } from "./scenario.ts";
import { logOf, type SubjectName, startSubject } from "./subjects.ts";

const { values: options } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "10" },
    only: { type: "string" },
    subject: { type: "string" },
    settle: { type: "string" },
  },
});

async function measure(lab: Lab, scenario: Scenario, name: SubjectName) {
  const subject = await startSubject(lab, name, configText(scenario));
  try {
    await sleep(options.settle ? Number(options.settle) * 1000 : 6000 + 2 * scenario.delayLoopS * 1000);
    const count = () =>
      scenario.kind === "SSL" ? lab.sslConnections() : lab.connections(scenario.kind === "TCP" ? "tcp" : "http");
    const pids = [subject.checkerPid];
    const from = { cpu: cpuMs(pids), checks: count(), ms: performance.now(), all: cpuMs(subject.pids) };
    await sleep(Number(options.seconds) * 1000);
    const checks = count() - from.checks;
    const ms = performance.now() - from.ms;
    if (checks === 0) throw new Error(logOf(lab, name));
    return {
      rate: (checks / ms) * 1000,
      per1000: ((cpuMs(pids) - from.cpu) / checks) * 1000,
      all: ((cpuMs(subject.pids) - from.all) / checks) * 1000,
      pss: pssMiB(pids),
    };
  } finally {
    await subject.stop();
    if (process.env.KEEP) console.log(logOf(lab, name));
  }
}

const lab = await Lab.open();
try {
  for (const scenario of scenarios) {
    if (options.only && !scenario.name.includes(options.only)) continue;
    const values: Record<string, number[]> = {};
    for (let round = 0; round < Number(options.rounds); round++) {
      for (const name of ["keepalived", "lbctl"] as const) {
        if (options.subject && options.subject !== name) continue;
        const r = await measure(lab, scenario, name);
        (values[name] ??= []).push(r.per1000);
        console.log(scenario.name, name, JSON.stringify(r));
      }
    }
    if (!options.subject)
      console.log(
        "ratio",
        median(values.lbctl as number[]) / median(values.keepalived as number[]),
        "wanted",
        scenario.wanted,
      );
  }
} finally {
  await lab.close();
}
