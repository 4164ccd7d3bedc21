import { readdirSync, readFileSync } from "node:fs";

/** Of every thread: nice value, real-time priority and policy, as in proc(5). */
export function scheduling(pid: number): { nice: number; priority: number; policy: number }[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8");
    const fields = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    return { nice: fields[16] ?? 0, priority: fields[37] ?? 0, policy: fields[38] ?? 0 };
  });
}

/** A line of /proc/PID/status. */
export function statusOf(pid: number, name: string): string {
  return new RegExp(`^${name}:\\s*(.*)$`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "";
}

/** The name that the kernel has of a process. */
export function nameOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
}
