import type { AddressRange } from "../../net/address-range.ts";

/** A line of a virtual_server_group that names addresses. */
export interface GroupRanges {
  readonly range: AddressRange;
  readonly port: number | null;
}
