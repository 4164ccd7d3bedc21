import { readFileSync } from "node:fs";
import type { Logger } from "../../log/logger.ts";
import { runProgram } from "../../notify/program.ts";
import { describeEnd, succeeded } from "../../notify/script-request.ts";

/** CAP_SYS_MODULE of linux/capability.h. */
const SYS_MODULE = 16n;
const deadlineMs = 30_000;

/**
 * Loads ip_vs into a kernel that does not do so by itself when it is asked for IPVS, as it does from Linux 5.16 on. Says whether that
 * was done; why it failed is logged, and whoever may not load modules does not try.
 */
export async function loadIpvs(log: Logger): Promise<boolean> {
  // What the kernel itself would run. It is empty where the administrator wants no module loaded.
  const modprobe = contentOf("/proc/sys/kernel/modprobe").trim();
  if (modprobe === "" || !mayLoadModules()) return false;
  const command = `${modprobe} ip_vs`;
  const environment = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" };
  const result = await runProgram({ argv: [modprobe, "ip_vs"], environment, credentials: null, timeoutMs: deadlineMs });
  if (succeeded(result)) {
    log.notice(`this kernel had no IPVS, and has it now: ${command}`);
    return true;
  }
  const output = result.output.trim();
  log.warning(`${command} ${describeEnd(result.end)}${output === "" ? "" : `: ${output}`}`);
  return false;
}

function mayLoadModules(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(contentOf("/proc/self/status"))?.[1] ?? "0";
  return ((BigInt(`0x${effective}`) >> SYS_MODULE) & 1n) === 1n;
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // A kernel without modules has no such file.
    return "";
  }
}
