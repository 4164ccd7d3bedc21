import type { VrrpModel } from "../../config/vrrp-model.ts";

/** How fast an interface may be told of addresses: as its garp_group or the globals say. Interfaces of one `group` share it. */
export function announcementPace(
  model: VrrpModel | null,
  link: string,
  family: "inet" | "inet6",
): { readonly group: string; readonly intervalUs: number } {
  const group = model?.garpGroups.find(({ interfaces }) => interfaces.includes(link));
  const from = group ?? model?.globals;
  const intervalUs = (family === "inet" ? from?.garpIntervalUs : from?.gnaIntervalUs) ?? 0;
  return { group: `${family} ${group === undefined ? link : group.interfaces.join(" ")}`, intervalUs };
}
