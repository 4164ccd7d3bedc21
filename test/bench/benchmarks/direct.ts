import { nodeCommand } from "../../kernel/guest-node.ts";
import type { BenchContext } from "../context.ts";
import type { Cost } from "../daemon.ts";
import { putFile } from "../guest-files.ts";
import { corrected, withHostShare } from "../host-share.ts";
import { type Metered, meter } from "../meter.ts";
import { entryCount, ipvsadmRules } from "../sample-table.ts";
import { inFreshSpace, type Space } from "../space.ts";

const program = "test/bench/guest/ipvs-table.ts";

/** The table written and read by ipvs-netlink and by ipvsadm: the cost of the table itself, without a daemon. */
export async function direct(context: BenchContext, services: number, round: number): Promise<void> {
  const steps = [byNetlink, byIpvsadm];
  for (const step of round % 2 === 0 ? steps : steps.reverse()) {
    await inFreshSpace(context.guest, (space) => step(context, space, services));
  }
}

async function byNetlink({ benchmarks, record, progress }: BenchContext, space: Space, services: number) {
  progress("ipvs-netlink");
  const write = await cost("write");
  record({ kind: "timing", benchmark: "write", subject: "ipvs-netlink apply", services, ...write });
  await checkTable(space, services);
  if (!benchmarks.has("read-back")) return;
  const read = await cost("read");
  record({ kind: "timing", benchmark: "read-back", subject: "ipvs-netlink dump and diff", services, ...read });

  async function cost(job: string) {
    const run = () => space.sh(nodeCommand(program, job, String(services)));
    const { result, share } = await withHostShare(space.guest, run);
    return corrected(JSON.parse(result) as Cost, share);
  }
}

async function byIpvsadm({ benchmarks, record, progress }: BenchContext, space: Space, services: number) {
  progress("ipvsadm");
  const [rules, output] = ["/run/bench/rules", "/run/bench/ipvsadm.out"];
  await putFile(space.guest, rules, ipvsadmRules({ services, firstWeight: 1 }));
  const options = { place: "inside", until: { kind: "exit" }, log: output } as const;
  const write = await meter(space, `ipvsadm -R <${rules}`, options);
  record({ kind: "timing", benchmark: "write", subject: "ipvsadm -R", services, ...untilExit(write) });
  await checkTable(space, services);
  if (!benchmarks.has("read-back")) return;
  const read = await meter(space, "ipvsadm -Sn", options);
  record({ kind: "timing", benchmark: "read-back", subject: "ipvsadm -Sn", services, ...untilExit(read) });
}

/** Throws unless the table is as large as it should be. */
export async function checkTable(space: Space, services: number): Promise<void> {
  const count = Number(await space.sh("ipvsadm -Sn | wc -l"));
  if (count !== entryCount({ services })) {
    throw new Error(`the table has ${count} entries, not ${entryCount({ services })}`);
  }
}

function untilExit({ happenedMs, happenedCpuMs }: Metered) {
  return { wallMs: happenedMs, cpuMs: happenedCpuMs };
}
