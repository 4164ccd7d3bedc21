import type { Config } from "../keywords/table.ts";
import type { Path } from "../locate.ts";

export type WrittenInstance = NonNullable<Config["vrrp_instance"][number]>;

export interface PlacedInstance {
  readonly written: WrittenInstance;
  readonly path: Path;
}

/** The VRRP instances without errors, with their places. */
export function instancesOf(config: Config): PlacedInstance[] {
  return config.vrrp_instance.flatMap((written, index) =>
    written === null ? [] : [{ written, path: ["vrrp_instance", index] }],
  );
}

/** True when nothing of the VRRP part is missing for its errors: only then can be said that something is nowhere. */
export function allInstancesKnown(config: Config): boolean {
  return config.vrrp_instance.every((written) => written !== null);
}

export const DEFAULT_PRIORITY = 100;
/** Priority of the router that owns the addresses (RFC 9568 section 5.2.4). */
export const OWNER_PRIORITY = 255;

/** As keepalived: with state MASTER and no priority the instance is the owner. */
export function priorityOf({ priority, state }: WrittenInstance): number {
  return priority ?? (state === "MASTER" ? OWNER_PRIORITY : DEFAULT_PRIORITY);
}

/** The keyword that keeps the instance from taking over from a master of lower priority; null when it does take over. */
export function nopreemptKeyword({ nopreempt, preempt }: WrittenInstance): "nopreempt" | "preempt" | null {
  if (nopreempt === true) return "nopreempt";
  return preempt === "never" ? "preempt" : null;
}

/** The addresses of the instance that adverts list, as written: with or without the length of a prefix. */
export function virtualAddressesOf({ virtual_ipaddress: addresses = [] }: WrittenInstance): string[] {
  return addresses.map(({ address }) => String(address));
}

/** True when the instance speaks VRRP over IPv6. */
export function isInet6(written: WrittenInstance): boolean {
  return (virtualAddressesOf(written)[0] ?? written.unicast_src_ip ?? "").includes(":");
}
