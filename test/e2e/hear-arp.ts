import { native } from "ipvs-netlink";
import { AF_PACKET, SOCK_NONBLOCK, SOCK_RAW } from "../../src/sockets/socket-options.ts";
import type { VrrpNode } from "./vrrp-nodes.ts";

const ETH_P_ARP_BE16 = 0x0608;

/** Addresses that ARP announces on any interface of the node, each as often as it was heard. */
export function hearArp({ namespace }: VrrpNode): { readonly heard: string[]; readonly close: () => void } {
  const fd = native().socketInNamespace(namespace.path, AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, ETH_P_ARP_BE16);
  if (fd < 0) throw new Error(`socket answers ${fd}`);
  const heard: string[] = [];
  const [data, info] = [new Uint8Array(16 * 128), new Int32Array(16 * 3)];
  native().watch(fd, 1, () => {
    const count = native().recvmmsg(fd, data, 16, info, null, 0);
    // Sender protocol address (RFC 826), behind 14 octets of Ethernet.
    for (let at = 0; at < count; at++) heard.push(data.subarray(at * 128 + 28, at * 128 + 32).join("."));
  });
  const close = () => {
    native().unwatch(fd);
    native().close(fd);
  };
  return { heard, close };
}
