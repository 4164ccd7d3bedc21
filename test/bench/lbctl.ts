import { join } from "node:path";
import type { PlanResult, ReloadResult } from "../../src/control/api.ts";
import { type BenchDaemon, type Cost, untilHappened } from "./daemon.ts";
import { putFile } from "./guest-files.ts";
import { checkFirstWeight } from "./keepalived.ts";
import { cpuDuring, meter } from "./meter.ts";
import { lbctlConfig } from "./sample-table.ts";
import type { Space } from "./space.ts";

const config = "/run/bench/lbctl.yaml";
const log = "/run/bench/lbctl.log";
const answer = "/run/bench/answer.json";
const runDir = "/run/bench/lbctl";
const program = join(import.meta.dirname, "../../bin/lbctl");

/** The read-back goes on all the time: out of the way while something else is measured. */
const rarelyS = 86_400;

export interface LbctlDaemon extends BenchDaemon {
  /** The whole table read and compared, nothing written. */
  plan(): Promise<Cost>;
  /** CPU of one cycle of the read-back at its default period, which goes on from then. */
  readBackCycle(services: number): Promise<Cost>;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>;
}

/** `lbctl run` with its supervisor and checker processes. */
export function lbctl(space: Space): LbctlDaemon {
  const curl = (path: string, body = "") =>
    `curl -sS --fail-with-body --unix-socket ${runDir}/control.sock -X POST ${body} http://lbctl${path}`;
  const ask = (command: string) => meter(space, command, { place: "outside", until: { kind: "exit" }, log: answer });
  return {
    name: "lbctl",
    reloadBy: "reload",
    async start(services) {
      await space.sh(`rm -rf ${runDir}`);
      await putFile(space.guest, config, lbctlConfig({ services, firstWeight: 1 }, rarelyS));
      const command = `${program} run -f ${config} --log console --run-dir ${runDir}`;
      const until = { kind: "line", text: "ready:" } as const;
      return untilHappened(await meter(space, command, { place: "inside", until, log }));
    },
    async reload(services, firstWeight) {
      await putFile(space.guest, config, lbctlConfig({ services, firstWeight }, rarelyS));
      const metered = await ask(curl("/v1/reload"));
      expectOperations(await space.sh(`cat ${answer}`), { "set-destination": 1 });
      await checkFirstWeight(space, firstWeight);
      return untilHappened(metered);
    },
    async plan() {
      const metered = await ask(curl("/v1/plan", "-H 'Content-Type: application/json' -d null"));
      const { operations } = JSON.parse(await space.sh(`cat ${answer}`)) as PlanResult;
      if (operations.length > 0) throw new Error(`plan found ${operations.length} operations for an unchanged table`);
      return untilHappened(metered);
    },
    async readBackCycle(services) {
      const [periodS, cycles] = [10, 3];
      await putFile(space.guest, config, lbctlConfig({ services, firstWeight: 1 }, periodS));
      expectOperations(await space.sh(curl("/v1/reload")), {});
      // What the reload itself leaves to be done.
      await space.sh("sleep 2");
      const cpuMs = await cpuDuring(space, periodS * cycles);
      return { cpuMs: cpuMs / cycles, wallMs: periodS * 1000 };
    },
    async stop() {
      await space.sh(`kill $(cat ${runDir}/lbctl.pid); while [ -e ${runDir}/lbctl.pid ]; do sleep 0.1; done`);
    },
  };
}

/** Throws unless exactly these operations were sent. */
function expectOperations(answer: string, wanted: Readonly<Record<string, number>>): void {
  const { operations, refused } = JSON.parse(answer) as ReloadResult;
  const sent = Object.fromEntries(Object.entries(operations).filter(([, count]) => count > 0));
  if (refused.length > 0 || JSON.stringify(sent) !== JSON.stringify(wanted)) {
    throw new Error(`the reload sent ${JSON.stringify(sent)}, not ${JSON.stringify(wanted)}`);
  }
}
