import { cpus, loadavg, totalmem } from "node:os";
import type { Guest } from "../kernel/uml/guest.ts";

/** What the numbers were measured on. */
export interface MachineFacts {
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly cpu: string;
  readonly cpuCount: number;
  readonly memoryMiB: number;
  /** Of the last five minutes. */
  readonly loadAtEnd: number;
  readonly guestKernel: string;
  readonly node: string;
  readonly ipvsadm: string;
  readonly keepalived: string;
}

/** To be asked at the end of the measurements. */
export async function machineFacts(guest: Guest): Promise<MachineFacts> {
  const first = async (command: string, pattern: RegExp) =>
    pattern.exec(await guest.sh(`${command} 2>&1 || true`))?.[1] ?? "unknown";
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cpuCount: cpus().length,
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    loadAtEnd: loadavg()[1] ?? 0,
    guestKernel: await first("uname -r", /(\S+)/),
    node: process.versions.node,
    ipvsadm: await first("ipvsadm --version", /ipvsadm v(\S+)/),
    keepalived: await first("keepalived --version", /Keepalived v(\S+)/),
  };
}
