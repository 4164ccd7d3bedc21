import { type AddressFamily, native } from "ipvs-netlink";
import * as option from "../../sockets/socket-options.ts";
import { checked } from "../../sockets/system-call-error.ts";
import { ADVERT_TOS } from "../packet/constants.ts";

/** linux/pkt_sched.h. */
const TC_PRIO_CONTROL = 7;

/** Where adverts go out: one socket for all instances that share this. */
export interface SendEndpoint {
  readonly family: AddressFamily;
  /** Null: the routing table decides. A VRF's own device counts as an interface here. */
  readonly interface: { readonly name: string; readonly index: number } | null;
}

export function sendKey({ family, interface: on }: SendEndpoint): string {
  return `${family} ${on === null ? "any" : `${on.index} ${on.name}`}`;
}

/**
 * A raw socket that sends and never receives. Over IPv4 packets bring their IP header along; over IPv6 control messages say
 * source and hop limit. Sources need not be addresses of this machine (they may come later). @throws SystemCallError
 */
export function openSendSocket({ family, interface: on }: SendEndpoint): number {
  const what = `sending adverts over ${family === "inet" ? "IPv4" : "IPv6"} on ${on?.name ?? "any interface"}`;
  const isV4 = family === "inet";
  const domain = isV4 ? option.AF_INET : option.AF_INET6;
  // IPPROTO_RAW implies IP_HDRINCL (raw(7)); over IPv6 it would too, so there it is VRRP with a receive buffer of next to nothing.
  const protocol = isV4 ? option.IPPROTO_RAW : 112;
  const fd = checked(native().socket(domain, option.SOCK_RAW | option.SOCK_NONBLOCK, protocol), "socket", what);
  try {
    const set = (level: number, name: number, value: Uint8Array, call: string) =>
      checked(native().setsockopt(fd, level, name, value), call, what);
    if (on !== null) set(option.SOL_SOCKET, option.SO_BINDTODEVICE, Buffer.from(`${on.name}\0`), "SO_BINDTODEVICE");
    // Ahead of all else in the queue of a busy interface; the kernel does not look at a header that was brought along.
    set(option.SOL_SOCKET, option.SO_PRIORITY, option.int32(TC_PRIO_CONTROL), "SO_PRIORITY");
    if (isV4) {
      set(option.IPPROTO_IP, option.IP_MULTICAST_LOOP, option.int32(0), "IP_MULTICAST_LOOP");
      if (on !== null) {
        const membership = option.ipv4Membership("0.0.0.0", on.index);
        set(option.IPPROTO_IP, option.IP_MULTICAST_IF, membership, "IP_MULTICAST_IF");
      }
    } else {
      set(option.IPPROTO_IPV6, option.IPV6_MULTICAST_LOOP, option.int32(0), "IPV6_MULTICAST_LOOP");
      set(option.IPPROTO_IPV6, option.IPV6_TCLASS, option.int32(ADVERT_TOS), "IPV6_TCLASS");
      set(option.IPPROTO_IPV6, option.IPV6_FREEBIND, option.int32(1), "IPV6_FREEBIND");
      set(option.SOL_SOCKET, option.SO_RCVBUF, option.int32(0), "SO_RCVBUF");
    }
    return fd;
  } catch (error) {
    native().close(fd);
    throw error;
  }
}
