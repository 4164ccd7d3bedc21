import { NetlinkError, type NetlinkErrorCode } from "../errors.ts";
import type { Memory } from "../netlink/memory.ts";
import { forEachMessage, type MessageHeader } from "../netlink/message.ts";
import { openSocketTransport, type WatchedTransport } from "../netlink/socket-transport.ts";
import { decodeAddress } from "./address-codec.ts";
import * as k from "./constants.ts";
import type { AddressEntry } from "./ip-address.ts";
import type { Link } from "./link.ts";
import { decodeLink } from "./link-codec.ts";
import type { Route } from "./route.ts";
import { decodeRoute, routeProtocol } from "./route-codec.ts";
import type { Rule } from "./rule.ts";
import { decodeRule } from "./rule-codec.ts";

/** What happened. `by` is the port id of the socket whose request it was, 0 for the kernel itself. */
export type NetworkEvent =
  | { readonly kind: "link" | "link-gone"; readonly link: Link; readonly by: number }
  | { readonly kind: "address" | "address-gone"; readonly address: AddressEntry; readonly by: number }
  | { readonly kind: "route" | "route-gone"; readonly route: Route; readonly by: number }
  | { readonly kind: "rule" | "rule-gone"; readonly rule: Rule; readonly by: number }
  /** Events were lost (more than the receive buffer holds): only listing again tells what is. */
  | { readonly kind: "resync" };

export interface MonitorOptions {
  readonly netns?: string | undefined;
  /** What to listen to. */
  readonly about: readonly ("link" | "address" | "route" | "rule")[];
  /** Routes of other protocols are dropped before they are read: a router's table may change thousands of times a second. */
  readonly routeProtocols?: readonly number[] | undefined;
  readonly receiveBufferBytes?: number | undefined;
  /** Whether that may exceed net.core.rmem_max; default true. */
  readonly receiveBufferForced?: boolean | undefined;
  /** Events in order, all that one wake-up brought. */
  readonly onEvents: (events: readonly NetworkEvent[]) => void;
  /** The socket failed: nothing more will come. */
  readonly onError: (error: NetlinkError) => void;
  /** In place of a socket. */
  readonly transport?: WatchedTransport;
}

const GROUPS = {
  link: [k.RTNLGRP_LINK],
  address: [k.RTNLGRP_IPV4_IFADDR, k.RTNLGRP_IPV6_IFADDR],
  route: [k.RTNLGRP_IPV4_ROUTE, k.RTNLGRP_IPV6_ROUTE],
  rule: [k.RTNLGRP_IPV4_RULE, k.RTNLGRP_IPV6_RULE],
} as const;

/** After these something was missed, and listening goes on. */
const LOSSES: readonly NetlinkErrorCode[] = ["overrun", "truncated", "malformed"];

/** Batches of datagrams per wake-up: a flood leaves the event loop to others in between. */
const RECEIVES_PER_WAKE_UP = 32;

/** Listens to changes of links, addresses, routes and rules until closed. */
export class RtnetlinkMonitor {
  readonly #transport: WatchedTransport;
  readonly #options: MonitorOptions;

  private constructor(transport: WatchedTransport, options: MonitorOptions) {
    this.#transport = transport;
    this.#options = options;
    transport.watch(() => this.#receive());
  }

  /**
   * From now on every change is told. To know what is, open a monitor first and list afterwards.
   * Throws NetlinkError `addon-not-built` or `system-call`.
   */
  static open(options: MonitorOptions): RtnetlinkMonitor {
    const { netns, about, receiveBufferBytes, receiveBufferForced } = options;
    const groups = about.flatMap((what): readonly number[] => GROUPS[what]);
    const socket = { protocol: k.NETLINK_ROUTE, netns, groups, receiveBufferBytes, receiveBufferForced };
    const transport = options.transport ?? openSocketTransport(socket);
    return new RtnetlinkMonitor(transport, options);
  }

  close(): void {
    this.#transport.close();
  }

  #receive(): void {
    const events: NetworkEvent[] = [];
    try {
      for (let round = 0; round < RECEIVES_PER_WAKE_UP; round++) {
        if (this.#receiveOnce(events) === 0) break;
      }
    } catch (error) {
      this.#transport.close();
      if (events.length > 0) this.#options.onEvents(events);
      if (!(error instanceof NetlinkError)) throw error;
      this.#options.onError(error);
      return;
    }
    if (events.length > 0) this.#options.onEvents(events);
  }

  #receiveOnce(events: NetworkEvent[]): number {
    try {
      return this.#transport.receive("few-long", (memory, start, end) =>
        forEachMessage(memory, start, end, (header) => {
          const event = this.#eventOf(memory, header);
          if (event !== null) events.push(event);
        }),
      );
    } catch (error) {
      if (!(error instanceof NetlinkError && LOSSES.includes(error.code))) throw error;
      events.push({ kind: "resync" });
      return 1;
    }
  }

  #eventOf(memory: Memory, { type, payload, end, portId: by }: MessageHeader): NetworkEvent | null {
    switch (type) {
      case k.RTM_NEWLINK:
      case k.RTM_DELLINK: {
        // A bridge tells of its ports with family AF_BRIDGE, also when a port leaves it: no end of the link.
        if (memory.u8[payload] !== 0) return null;
        return { kind: type === k.RTM_NEWLINK ? "link" : "link-gone", link: decodeLink(memory, payload, end), by };
      }
      case k.RTM_NEWADDR:
      case k.RTM_DELADDR: {
        const address = decodeAddress(memory, payload, end);
        return address && { kind: type === k.RTM_NEWADDR ? "address" : "address-gone", address, by };
      }
      case k.RTM_NEWROUTE:
      case k.RTM_DELROUTE: {
        const { routeProtocols } = this.#options;
        if (routeProtocols && !routeProtocols.includes(routeProtocol(memory, payload))) return null;
        const route = decodeRoute(memory, payload, end);
        return route && { kind: type === k.RTM_NEWROUTE ? "route" : "route-gone", route, by };
      }
      case k.RTM_NEWRULE:
      case k.RTM_DELRULE: {
        const rule = decodeRule(memory, payload, end);
        return rule && { kind: type === k.RTM_NEWRULE ? "rule" : "rule-gone", rule, by };
      }
      default:
        return null;
    }
  }
}
