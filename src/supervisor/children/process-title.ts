import { writeFileSync } from "node:fs";

/**
 * Names this process "lbctl: <role>" in `ps -f`, and plain "lbctl" for the kernel, so that `killall -0 lbctl` and `pkill lbctl`
 * in people's scripts mean every process of ours.
 */
export function setProcessTitle(role: string): void {
  process.title = `lbctl: ${role}`;
  setProcessName(null);
}

/** The name that the kernel has, `ps` and `pgrep` show and process_name sets; null: "lbctl". Cut to its first 15 octets. */
export function setProcessName(name: string | null): void {
  try {
    writeFileSync("/proc/self/comm", name ?? "lbctl");
  } catch {
    // Without /proc the title alone has to do.
  }
}
