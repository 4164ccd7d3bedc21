import { randomBytes, randomInt } from "node:crypto";
import type { DnsType, RequiredReply } from "../check.ts";
import { encodeQuery, judgeAnswer } from "../dns/message.ts";
import { encodeEcho, isEchoReply } from "../icmp/echo.ts";
import { judgeReply } from "../udp/judge-reply.ts";
import type { DatagramDialogue } from "./datagram.ts";

/** Octets of an echo request and of a random payload: as many as ping(8) sends. */
const dataBytes = 56;

export function dnsDialogue(name: string, type: DnsType): DatagramDialogue {
  const request = encodeQuery(randomInt(0x1_0000), name, type);
  return { protocol: "udp", request, push: (answer) => judgeAnswer(request, answer), silence: "fails" };
}

/** The data is random: only the answer to this request has it, whoever else pings the host. */
export function pingDialogue(family: "inet" | "inet6"): DatagramDialogue {
  const data = randomBytes(dataBytes);
  return {
    protocol: "icmp",
    request: encodeEcho(family, randomInt(0x1_0000), data),
    push: (packet) => (isEchoReply(family, data, packet) ? { ok: true } : null),
    silence: "fails",
  };
}

export function udpDialogue(payload: string | null, reply: RequiredReply | null): DatagramDialogue {
  return {
    protocol: "udp",
    request: payload === null ? randomBytes(dataBytes) : Buffer.from(payload, "hex"),
    push: (datagram) => (reply === null ? { ok: true } : judgeReply(reply, datagram)),
    silence: reply === null ? "passes" : "fails",
  };
}
