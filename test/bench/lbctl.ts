import { join } from "node:path";
import type { ReloadResult } from "../../src/control/api.ts";
import type { Guest } from "../kernel/uml/guest.ts";
import { type BenchDaemon, type Cost, untilHappened } from "./daemon.ts";
import { putFile } from "./guest-files.ts";
import { checkFirstWeight } from "./keepalived.ts";
import { cpuDuring, killGroup, meter } from "./meter.ts";
import { lbctlConfig } from "./sample-table.ts";

const group = "lbctl";
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
  /** CPU of one cycle of the read-back at its default period. */
  readBackCycle(services: number): Promise<Cost>;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>;
}

/** `lbctl run` with its supervisor and checker processes. */
export function lbctl(guest: Guest): LbctlDaemon {
  const ask = (path: string, body = "") =>
    meter(guest, `curl -sS --fail-with-body --unix-socket ${runDir}/control.sock -X POST ${body} http://lbctl${path}`, {
      group,
      place: "outside",
      until: { kind: "exit" },
      log: answer,
    });
  const reload = async (text: string) => {
    await putFile(guest, config, text);
    const metered = await ask("/v1/reload");
    return { metered, result: JSON.parse(await guest.sh(`cat ${answer}`)) as ReloadResult };
  };
  return {
    name: "lbctl",
    group,
    reloadBy: "reload",
    async start(services) {
      await guest.sh(`rm -rf ${runDir}`);
      await putFile(guest, config, lbctlConfig({ services, firstWeight: 1 }, rarelyS));
      const command = `${program} run -f ${config} --log console --run-dir ${runDir}`;
      const until = { kind: "line", text: "ready:" } as const;
      return untilHappened(await meter(guest, command, { group, place: "inside", until, log }));
    },
    async reload(services, firstWeight) {
      const { metered, result } = await reload(lbctlConfig({ services, firstWeight }, rarelyS));
      expectOperations(result, { "set-destination": 1 });
      await checkFirstWeight(guest, firstWeight);
      return untilHappened(metered);
    },
    async plan() {
      const metered = await ask("/v1/plan", "-H 'Content-Type: application/json' -d null");
      const { operations } = JSON.parse(await guest.sh(`cat ${answer}`)) as { operations: readonly unknown[] };
      if (operations.length > 0) throw new Error(`plan found ${operations.length} operations for an unchanged table`);
      return untilHappened(metered);
    },
    async readBackCycle(services) {
      const [periodS, cycles] = [10, 2];
      const { result } = await reload(lbctlConfig({ services, firstWeight: 1 }, periodS));
      expectOperations(result, {});
      const cpuMs = await cpuDuring(guest, group, periodS * cycles);
      await reload(lbctlConfig({ services, firstWeight: 1 }, rarelyS));
      return { cpuMs: cpuMs / cycles, wallMs: periodS * 1000 };
    },
    async stop() {
      await guest.sh(`kill $(cat ${runDir}/lbctl.pid); while [ -e ${runDir}/lbctl.pid ]; do sleep 0.1; done`);
      await killGroup(guest, group);
    },
    kill: () => killGroup(guest, group),
  };
}

/** Throws unless exactly these operations were sent. */
function expectOperations({ operations, refused }: ReloadResult, wanted: Readonly<Record<string, number>>): void {
  const sent = Object.fromEntries(Object.entries(operations).filter(([, count]) => count > 0));
  if (refused.length > 0 || JSON.stringify(sent) !== JSON.stringify(wanted)) {
    throw new Error(`the reload sent ${JSON.stringify(sent)}, not ${JSON.stringify(wanted)}`);
  }
}
