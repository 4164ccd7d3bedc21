import type { Namespace } from "ipvs-netlink/testing";
import type { Sysctls } from "../link-owner.ts";

/** The sysctls of a namespace that this process is not in. */
export function namespaceSysctls(namespace: Namespace): Sysctls {
  return {
    read: (path) => namespace.run("sh", "-c", `cat /proc/sys/net/${path} 2>/dev/null || true`).trim() || null,
    write: (path, value) => void namespace.run("sh", "-c", `echo ${value} > /proc/sys/net/${path}`),
  };
}
