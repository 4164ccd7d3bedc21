import { readFileSync } from "node:fs";

/** Changes with every boot, and with nothing else. */
export function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}
