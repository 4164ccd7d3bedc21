import type { BenchContext } from "../context.ts";
import type { BenchDaemon } from "../daemon.ts";
import { keepalived } from "../keepalived.ts";
import { type LbctlDaemon, lbctl } from "../lbctl.ts";
import { memoryOf } from "../meter.ts";
import { inFreshSpace, type Space } from "../space.ts";
import { checkTable } from "./direct.ts";

const reloads = 4;

/** lbctl and keepalived, each started with the same table, looked at, reloaded and killed. */
export async function daemons(context: BenchContext, services: number, round: number): Promise<void> {
  const steps = [
    async (space: Space) => {
      const daemon = lbctl(space);
      await session(context, space, daemon, services);
      if (services > 0 && context.benchmarks.has("read-back")) await readBack(context, daemon, services);
    },
    (space: Space) => session(context, space, keepalived(space), services),
  ];
  for (const step of round % 2 === 0 ? steps : steps.reverse()) await inFreshSpace(context.guest, step);
}

async function session(
  { benchmarks, record, progress }: BenchContext,
  space: Space,
  daemon: BenchDaemon,
  services: number,
): Promise<void> {
  const { name } = daemon;
  progress(`${name}: start`);
  const start = await daemon.start(services);
  record({ kind: "timing", benchmark: "start", subject: `${name} start`, services, ...start });
  await checkTable(space, services);
  if (benchmarks.has("memory")) {
    // lbctl gives back what it does not need when it has had nothing to do for a while.
    await space.sh("sleep 10");
    record({ kind: "memory", subject: name, services, processes: await memoryOf(space) });
  }
  if (services === 0 || !benchmarks.has("reload")) return;
  progress(`${name}: reload`);
  for (let nth = 1; nth <= reloads; nth++) {
    // Another weight each time; the last one is that of the start.
    const cost = await daemon.reload(services, reloads + 1 - nth);
    record({ kind: "timing", benchmark: "reload", subject: `${name} ${daemon.reloadBy}`, services, ...cost });
  }
}

async function readBack({ record, progress }: BenchContext, ours: LbctlDaemon, services: number): Promise<void> {
  progress("lbctl: read-back");
  const timing = { kind: "timing", benchmark: "read-back", services } as const;
  record({ ...timing, subject: "lbctl plan", ...(await ours.plan()) });
  record({ ...timing, subject: "lbctl read-back cycle", ...(await ours.readBackCycle(services)) });
}
