import { writeFileSync } from "node:fs";

/**
 * Names this process "lbctl: <role>" in ps, and plain "lbctl" for the kernel, so that `killall -0 lbctl` and `pkill lbctl` in
 * people's scripts mean every process of ours.
 */
export function setProcessTitle(role: string): void {
  process.title = `lbctl: ${role}`;
  try {
    writeFileSync("/proc/self/comm", "lbctl");
  } catch {
    // Without /proc the title alone has to do.
  }
}
