import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

// A user-mode kernel hands over to the process it runs thousands of times a second, through ptrace. Left to the host's
// scheduler the two often sit on different CPUs and each handover wakes the other one: everything in the guest then takes
// about three times as long. On one CPU it is fast, and the same every time.

const sampleMs = 200;
/** How much busier the preferred CPU may be than the least busy one before it is left alone. */
const tolerance = 0.3;

export type CpuTicks = ReadonlyMap<number, { readonly busy: number; readonly total: number }>;

/** The CPU for a new guest: by preference `preferred` (modulo their number), otherwise the least busy one. */
export async function chooseCpu(preferred: number): Promise<number> {
  const allowed = parseCpuList(
    /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0",
  );
  const before = parseCpuTicks(readFileSync("/proc/stat", "utf8"));
  await sleep(sampleMs);
  return pickCpu(allowed, before, parseCpuTicks(readFileSync("/proc/stat", "utf8")), preferred);
}

export function pickCpu(allowed: readonly number[], before: CpuTicks, after: CpuTicks, preferred: number): number {
  const load = (cpu: number): number => {
    const [from, to] = [before.get(cpu), after.get(cpu)];
    return from && to && to.total > from.total ? (to.busy - from.busy) / (to.total - from.total) : 0;
  };
  const wanted = allowed[preferred % allowed.length] ?? 0;
  const leastBusy = allowed.reduce((best, cpu) => (load(cpu) < load(best) ? cpu : best), wanted);
  return load(wanted) - load(leastBusy) > tolerance ? leastBusy : wanted;
}

/** "0-2,5" as the kernel writes lists of CPUs (cpuset(7), list format). */
export function parseCpuList(text: string): readonly number[] {
  return text.split(",").flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/** The cpuN lines of /proc/stat (proc(5)): user nice system idle iowait irq softirq steal, in clock ticks. */
export function parseCpuTicks(stat: string): CpuTicks {
  return new Map(
    Array.from(stat.matchAll(/^cpu(\d+) (.*)$/gm), ([, cpu, fields = ""]) => {
      const ticks = fields.split(" ").slice(0, 8).map(Number);
      const total = ticks.reduce((sum, count) => sum + count, 0);
      const [, , , idle = 0, iowait = 0] = ticks;
      return [Number(cpu), { busy: total - idle - iowait, total }];
    }),
  );
}
