import { randomInt } from "node:crypto";
import { errnoName, native } from "ipvs-netlink";
import type { BfdInstance } from "../../config/bfd-model.ts";
import * as option from "../../sockets/socket-options.ts";
import { checked, SystemCallError } from "../../sockets/system-call-error.ts";
import { CONTROL_BYTES, type ControlPacket, SOURCE_PORTS } from "../packet/control-packet.ts";
import { encodeControlPacket } from "../packet/encode.ts";

/** linux/pkt_sched.h: ahead of all else in the queue of a busy interface. */
const TC_PRIO_CONTROL = 7;
/** Class selector 6, internetwork control, as VRRP's adverts have it. */
const CONTROL_TOS = 0xc0;

const packetMemory = Buffer.alloc(CONTROL_BYTES);

/** Where a session's packets leave from, and where they go: a source port of its own for as long as it lives (RFC 5881 section 4). */
export class SendSocket {
  readonly #fd: number;
  readonly #to: Buffer;

  private constructor(fd: number, to: Buffer) {
    this.#fd = fd;
    this.#to = to;
  }

  /** The source address need not be there yet. @throws SystemCallError */
  static open(instance: BfdInstance, port: number): SendSocket {
    const { family, neighbor, ttl, source } = instance;
    const what = `sending BFD packets to ${neighbor}`;
    const isV4 = family === "inet";
    const domain = isV4 ? option.AF_INET : option.AF_INET6;
    const fd = checked(native().socket(domain, option.SOCK_DGRAM | option.SOCK_NONBLOCK, 0), "socket", what);
    try {
      const set = (level: number, name: number, value: number, call: string) =>
        checked(native().setsockopt(fd, level, name, option.int32(value)), call, what);
      const level = isV4 ? option.IPPROTO_IP : option.IPPROTO_IPV6;
      set(level, isV4 ? option.IP_TTL : option.IPV6_UNICAST_HOPS, ttl, "TTL");
      set(level, isV4 ? option.IP_TOS : option.IPV6_TCLASS, CONTROL_TOS, "TOS");
      set(level, isV4 ? option.IP_FREEBIND : option.IPV6_FREEBIND, 1, "FREEBIND");
      // After TOS, which sets it as well. It takes CAP_NET_ADMIN, and packets leave without it, too.
      native().setsockopt(fd, option.SOL_SOCKET, option.SO_PRIORITY, option.int32(TC_PRIO_CONTROL));
      // It only sends: what is sent to its port is dropped.
      set(option.SOL_SOCKET, option.SO_RCVBUF, 0, "SO_RCVBUF");
      bindToFreePort(fd, instance, source ?? (isV4 ? "0.0.0.0" : "::"), what);
      const to = Buffer.alloc(option.SOCKADDR_BYTES[family]);
      option.writeSocketAddress(to, 0, family, neighbor, 0);
      to.writeUInt16BE(port, 2);
      return new SendSocket(fd, to);
    } catch (error) {
      native().close(fd);
      throw error;
    }
  }

  /** The name of the error, or null. */
  send(packet: ControlPacket): string | null {
    encodeControlPacket(packet, packetMemory);
    const answer = native().sendmsg(this.#fd, packetMemory, this.#to, 0);
    return answer < 0 ? errnoName(-answer) : null;
  }

  close(): void {
    native().close(this.#fd);
  }
}

/** At random, then the ports after that one: they may be taken. */
function bindToFreePort(fd: number, { family }: BfdInstance, source: string, what: string): void {
  const count = SOURCE_PORTS.last - SOURCE_PORTS.first + 1;
  const first = randomInt(count);
  const address = Buffer.alloc(option.SOCKADDR_BYTES[family]);
  option.writeSocketAddress(address, 0, family, source, 0);
  let answer = 0;
  for (let nth = 0; nth < count; nth++) {
    address.writeUInt16BE(SOURCE_PORTS.first + ((first + nth) % count), 2);
    answer = native().bind(fd, address);
    if (answer >= 0) return;
    if (errnoName(-answer) !== "EADDRINUSE") break;
  }
  throw new SystemCallError("bind", what, answer);
}
