import type { NetworkEvent, OperationResult, RtnetlinkOperation } from "ipvs-netlink";
import type { Listed } from "./actual.ts";

/** The kernel's addresses, routes and rules, or a test's. */
export interface NetworkPlane {
  /** Throws when the kernel cannot be asked. Routes of the given protocols only. */
  list(routeProtocols: readonly number[]): Listed;
  /** In order, one result each. Throws when the kernel cannot be asked. */
  apply(operations: readonly RtnetlinkOperation[]): readonly OperationResult[];
  /** Tells what others and the kernel itself change, until closed. */
  watch(routeProtocols: readonly number[], onEvents: (events: readonly NetworkEvent[]) => void): { close(): void };
  close(): void;
}
