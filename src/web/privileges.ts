import { readFileSync } from "node:fs";
import { native } from "ipvs-netlink";

/** linux/capability.h. */
const capabilities = { KILL: 5, SETGID: 6, SETUID: 7, NET_ADMIN: 12 } as const;
/** "nobody", and on every kernel the user that owns nothing (overflowuid). */
const nobody = 65_534;

/**
 * Goes on as nobody, without capabilities but for CAP_NET_ADMIN where counters of IPVS are read, and without a way to get others. Where
 * this process may not change its user, or its supervisor could not end it then, it keeps that one. Answers what it is now, or why not.
 */
export function giveUpPrivileges({ readsIpvs }: { readonly readsIpvs: boolean }): string {
  try {
    const kept = Int32Array.from(readsIpvs ? [capabilities.NET_ADMIN] : []);
    if (mayBecomeNobody() && native().giveUpPrivileges(nobody, kept) >= 0) return `user ${nobody}`;
    const answer = native().giveUpPrivileges(-1, kept);
    return answer < 0 ? `all its privileges (errno ${-answer})` : `user ${process.getuid?.()}`;
  } catch {
    return "all its privileges: the addon is not there";
  }
}

function mayBecomeNobody(): boolean {
  if (process.getuid?.() !== 0) return false;
  const effective = effectiveCapabilities(readFileSync("/proc/self/status", "utf8"));
  const { KILL, SETGID, SETUID } = capabilities;
  return [KILL, SETGID, SETUID].every((each) => ((effective >> BigInt(each)) & 1n) === 1n);
}

/** A bit for each, of what /proc/PID/status says. */
export function effectiveCapabilities(status: string): bigint {
  return BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
}
