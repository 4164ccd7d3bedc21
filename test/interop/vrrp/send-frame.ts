import { native } from "ipvs-netlink";
import * as option from "../../../src/sockets/socket-options.ts";
import type { Node } from "./ethernet.ts";

/** Sends an Ethernet frame out of an interface of a node. */
export function sendFrame(node: Node, device: string, frame: Uint8Array): void {
  const [link] = JSON.parse(node.ip(`-json link show ${device}`)) as { ifindex: number }[];
  const calls = native();
  const fd = calls.socketInNamespace(node.path, option.AF_PACKET, option.SOCK_RAW, 0);
  try {
    const sent = calls.sendmsg(fd, frame, option.packetAddress(link?.ifindex ?? 0), 0);
    if (sent < 0) throw new Error(`sendmsg answers ${sent}`);
  } finally {
    calls.close(fd);
  }
}
