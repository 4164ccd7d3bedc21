import { readFileSync, writeFileSync } from "node:fs";
import type { Sysctls } from "./link-owner.ts";

/** The sysctls of this process's network namespace. */
export const procSysctls: Sysctls = {
  read(path) {
    try {
      return readFileSync(`/proc/sys/net/${path}`, "utf8").trim();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  },
  // Without O_CREAT and O_TRUNC: an interface that is gone must be an error, and /proc knows neither.
  write: (path, value) => writeFileSync(`/proc/sys/net/${path}`, value, { flag: "r+" }),
};

/** Whether what is announced on an interface is a router's; no where that cannot be looked up, as no descriptor may be left. */
export function forwardsIpv6(name: string): boolean {
  try {
    return procSysctls.read(`ipv6/conf/${name}/forwarding`) === "1";
  } catch {
    return false;
  }
}
