import type { BenchContext } from "../context.ts";
import type { BenchDaemon } from "../daemon.ts";
import { keepalived } from "../keepalived.ts";
import { lbctl } from "../lbctl.ts";
import { memoryOf } from "../meter.ts";
import { checkTable } from "./direct.ts";

const reloads = 4;

/** lbctl and keepalived, each started, looked at, reloaded and killed with the same table. */
export async function daemons(context: BenchContext, services: number, round: number): Promise<void> {
  const [ours, theirs] = [lbctl(context.guest), keepalived(context.guest)];
  const steps = [() => session(context, ours, services, () => readBack(context, ours, services))];
  // Without a virtual server keepalived does not run a checker process.
  if (services > 0) steps.push(() => session(context, theirs, services, async () => {}));
  for (const step of round % 2 === 0 ? steps : steps.reverse()) await step();
}

async function session(
  { guest, benchmarks, record, progress }: BenchContext,
  daemon: BenchDaemon,
  services: number,
  readBack: () => Promise<void>,
): Promise<void> {
  const { name } = daemon;
  progress(`${name}: start`);
  try {
    const start = await daemon.start(services);
    record({ kind: "timing", benchmark: "write", subject: `${name} start`, services, ...start });
    await checkTable(guest, services);
    if (benchmarks.has("memory")) {
      record({ kind: "memory", subject: name, services, processes: await memoryOf(guest, daemon.group) });
    }
    if (services > 0 && benchmarks.has("reload")) await measureReloads();
    if (services > 0 && benchmarks.has("read-back")) await readBack();
  } finally {
    await daemon.kill();
  }

  async function measureReloads(): Promise<void> {
    progress(`${name}: reload`);
    for (let nth = 0; nth < reloads; nth++) {
      // The last one brings back the weight of the start.
      const cost = await daemon.reload(services, reloads - nth);
      record({ kind: "timing", benchmark: "reload", subject: `${name} ${daemon.reloadBy}`, services, ...cost });
    }
  }
}

async function readBack({ record, progress }: BenchContext, ours: ReturnType<typeof lbctl>, services: number) {
  progress("lbctl: read-back");
  const timing = { kind: "timing", benchmark: "read-back", services } as const;
  record({ ...timing, subject: "lbctl plan", ...(await ours.plan()) });
  record({ ...timing, subject: "lbctl read-back cycle", ...(await ours.readBackCycle(services)) });
}
