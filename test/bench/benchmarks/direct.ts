import { nodeCommand } from "../../kernel/guest-node.ts";
import type { BenchContext } from "../context.ts";
import { putFile } from "../guest-files.ts";
import { flush, meter } from "../meter.ts";
import { entryCount, ipvsadmRules } from "../sample-table.ts";

const group = "direct";
const program = "test/bench/guest/ipvs-table.ts";

/** The table written and read by ipvs-netlink and by ipvsadm: the cost of the table itself, without a daemon. */
export async function direct(context: BenchContext, services: number, round: number): Promise<void> {
  const { benchmarks, guest } = context;
  const steps = [() => byNetlink(context, services), () => byIpvsadm(context, services)];
  for (const step of round % 2 === 0 ? steps : steps.reverse()) {
    await step();
    await flush(guest);
  }
  if (benchmarks.has("write")) await flush(guest);
}

async function byNetlink({ guest, benchmarks, record, progress }: BenchContext, services: number): Promise<void> {
  progress("ipvs-netlink");
  const write = await cost("write");
  record({ kind: "timing", benchmark: "write", subject: "ipvs-netlink apply", services, ...write });
  if (!benchmarks.has("read-back")) return;
  const read = await cost("read");
  record({ kind: "timing", benchmark: "read-back", subject: "ipvs-netlink dump and diff", services, ...read });

  async function cost(job: string) {
    const output = await guest.sh(nodeCommand(program, job, String(services)), { timeoutMs: 3_600_000 });
    return JSON.parse(output) as { wallMs: number; cpuMs: number };
  }
}

async function byIpvsadm({ guest, benchmarks, record, progress }: BenchContext, services: number): Promise<void> {
  progress("ipvsadm");
  const [rules, output] = ["/run/bench/rules", "/run/bench/ipvsadm.out"];
  await putFile(guest, rules, ipvsadmRules({ services, firstWeight: 1 }));
  const options = { group, place: "inside", until: { kind: "exit" }, log: output } as const;
  const write = await meter(guest, `ipvsadm -R <${rules}`, options);
  record({ kind: "timing", benchmark: "write", subject: "ipvsadm -R", services, ...happened(write) });
  await checkTable(guest, services);
  if (!benchmarks.has("read-back")) return;
  const read = await meter(guest, "ipvsadm -Sn", options);
  record({ kind: "timing", benchmark: "read-back", subject: "ipvsadm -Sn", services, ...happened(read) });
}

/** Throws unless the table is as large as it should be. */
export async function checkTable(guest: BenchContext["guest"], services: number): Promise<void> {
  const count = Number(await guest.sh("ipvsadm -Sn | wc -l", { timeoutMs: 3_600_000 }));
  if (count !== entryCount({ services })) {
    throw new Error(`the table has ${count} entries, not ${entryCount({ services })}`);
  }
}

function happened({ happenedMs, happenedCpuMs }: { readonly happenedMs: number; readonly happenedCpuMs: number }) {
  return { wallMs: happenedMs, cpuMs: happenedCpuMs };
}
