import { setTimeout as sleep } from "node:timers/promises";
import { type AddressFamily, native } from "ipvs-netlink";
import * as option from "../../sockets/socket-options.ts";
import { checked } from "../../sockets/system-call-error.ts";
import { arpProbe, readArpReply } from "../wire/arp.ts";
import { neighbourSolicitation, readNeighbourAdvertisement, solicitedNodeGroup } from "../wire/neighbour.ts";

/** Where to ask: an interface with its MAC. */
export interface AskingLink {
  readonly name: string;
  readonly index: number;
  readonly mac: Uint8Array;
}

/** RFC 5227 section 1.1: PROBE_NUM, and longer than PROBE_WAIT for each. */
const QUESTIONS = 3;
const WAIT_MS = 350;
const IPPROTO_ICMPV6 = 58;
const IPV6_MULTICAST_HOPS = 18;
const ETH_P_ARP = 0x0806;
const SLOT_BYTES = 2_048;
const SLOTS = 16;

/** By address: the MACs that answered. @throws SystemCallError */
export async function askNeighbours(
  link: AskingLink,
  family: AddressFamily,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map(addresses.map((address) => [address, new Set<string>()]));
  const fd = family === "inet" ? openArp(link) : openNeighbours(link);
  try {
    for (let time = 0; time < QUESTIONS; time++) {
      for (const address of addresses) send(fd, link, family, address);
      await sleep(WAIT_MS);
      for (const message of drain(fd)) {
        const answer = family === "inet" ? readArpReply(message) : readNeighbourAdvertisement(message);
        if (answer !== null) found.get(answer.address)?.add(answer.mac);
      }
    }
  } finally {
    native().close(fd);
  }
  return new Map([...found].map(([address, macs]) => [address, [...macs]]));
}

function openArp({ index, name }: AskingLink): number {
  const protocol = ((ETH_P_ARP & 0xff) << 8) | (ETH_P_ARP >> 8);
  const type = option.SOCK_RAW | option.SOCK_NONBLOCK;
  const fd = checked(native().socket(option.AF_PACKET, type, 0), "socket", `ARP on ${name}`);
  const address = Buffer.from(option.packetAddress(index));
  address.writeUInt16LE(protocol, 2);
  return bound(fd, native().bind(fd, address), `ARP on ${name}`);
}

function openNeighbours({ name }: AskingLink): number {
  const what = `neighbour solicitations on ${name}`;
  const type = option.SOCK_RAW | option.SOCK_NONBLOCK;
  const fd = checked(native().socket(option.AF_INET6, type, IPPROTO_ICMPV6), "socket", what);
  const device = Buffer.from(`${name}\0`);
  // Neighbours believe only what no router has passed on (RFC 4861 section 7.1.1).
  const hops = native().setsockopt(fd, option.IPPROTO_IPV6, IPV6_MULTICAST_HOPS, option.int32(255));
  return bound(fd, hops < 0 ? hops : native().setsockopt(fd, option.SOL_SOCKET, option.SO_BINDTODEVICE, device), what);
}

function bound(fd: number, answer: number, what: string): number {
  if (answer >= 0) return fd;
  native().close(fd);
  return checked(answer, "bind", what);
}

function send(fd: number, { index, mac, name }: AskingLink, family: AddressFamily, address: string): void {
  const what = `asking for ${address} on ${name}`;
  if (family === "inet") {
    checked(native().sendmsg(fd, arpProbe(mac, address), option.packetAddress(index), 0), "sendmsg", what);
    return;
  }
  const to = Buffer.alloc(option.SOCKADDR_BYTES.inet6);
  option.writeSocketAddress(to, 0, "inet6", solicitedNodeGroup(address), index);
  checked(native().sendmsg(fd, neighbourSolicitation(mac, address), to, 0), "sendmsg", what);
}

/** Everything that has come. */
function drain(fd: number): Buffer[] {
  const messages: Buffer[] = [];
  for (;;) {
    const data = Buffer.alloc(SLOTS * SLOT_BYTES);
    const info = new Int32Array(SLOTS * 3);
    const count = native().recvmmsg(fd, data, SLOTS, info, null, 0);
    for (let slot = 0; slot < count; slot++) {
      messages.push(
        data.subarray(slot * SLOT_BYTES, slot * SLOT_BYTES + Math.min(info[slot * 3] as number, SLOT_BYTES)),
      );
    }
    if (count < SLOTS) return messages;
  }
}
