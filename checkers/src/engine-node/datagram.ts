import { constants } from "node:os";
import { performance } from "node:perf_hooks";
import { errnoName, type Native, native } from "ipvs-netlink";
import type { ConnectOptions } from "../check.ts";
import { behindIpv4Header } from "../icmp/echo.ts";
import type { Trace } from "../trace.ts";
import type { Reason } from "../verdict.ts";
import { startDeadline } from "./deadline.ts";
import { reasonOf } from "./errors.ts";
import type { Ending } from "./exchange.ts";
import { CallFailed, check, openSocket, uint32 } from "./sockets.ts";

// linux/socket.h, linux/in.h, linux/in6.h
const SOCK_DGRAM = 2;
const SOCK_RAW = 3;
const IPPROTO_ICMP = 1;
const IPPROTO_UDP = 17;
const IPPROTO_ICMPV6 = 58;
const SOL_IP = 0;
const SOL_IPV6 = 41;
const IP_RECVERR = 11;
const IPV6_RECVERR = 25;
const READABLE = 1;

/** One request, and what the datagrams that come back mean; null: not the answer, which may still come. */
export interface DatagramDialogue {
  readonly protocol: "udp" | "icmp";
  readonly request: Uint8Array;
  push(datagram: Uint8Array): null | { readonly ok: true } | { readonly ok: false; readonly reason: Reason };
  /** What it means that nothing came until the deadline. */
  readonly silence: "fails" | "passes";
}

export interface DatagramOptions {
  readonly connect: ConnectOptions;
  readonly timeoutMs: number;
  readonly dialogue: DatagramDialogue;
  readonly trace?: Trace | undefined;
}

/** A datagram has 65,535 octets at most; all exchanges share the memory, since each is judged before the next is received. */
const received = new Uint8Array(65_536);
const info = new Int32Array(3);

/**
 * Sends one datagram and waits for the answer, an ICMP error or the deadline. Calls `done` once, not from within, and not after
 * the returned function, which ends the exchange and its socket at once.
 */
export function startDatagramExchange(
  { connect, timeoutMs, dialogue, trace }: DatagramOptions,
  done: (ending: Ending) => void,
): () => void {
  const startedMs = performance.now();
  let socket: { readonly sockets: Native; readonly fd: number; readonly raw: boolean } | null = null;
  let immediate: NodeJS.Immediate | null = null;
  let cancelDeadline: () => void = () => {};
  try {
    socket = open(native(), connect, dialogue.protocol);
    const { sockets, fd } = socket;
    check(sockets.watch(fd, READABLE, receive), "connect");
    check(sockets.sendmsg(fd, dialogue.request, null, 0), "send");
    trace?.({ kind: "sent", bytes: dialogue.request });
    cancelDeadline = startDeadline(timeoutMs, () => {
      if (dialogue.silence === "passes") finish({ ok: true, findings: {} });
      else finish({ ok: false, reason: { kind: "deadline", phase: "request", afterMs: timeoutMs } });
    });
  } catch (error) {
    // Without the addon there are no such sockets here.
    const [errno, call] = error instanceof CallFailed ? [error.errno, error.call] : ["ENOSYS", "socket" as const];
    immediate = setImmediate(() => finish({ ok: false, reason: failure(errno, call) }));
  }
  return end;

  function receive(): void {
    while (socket !== null) {
      const count = socket.sockets.recvmmsg(socket.fd, received, 1, info, null, 0);
      if (count === -constants.errno.EAGAIN || count === 0) return;
      if (count < 0) {
        finish({ ok: false, reason: failure(errnoName(-count), "connect") });
        return;
      }
      const packet = received.subarray(0, info[0]);
      trace?.({ kind: "received", bytes: packet.slice() });
      const outcome = dialogue.push(socket.raw && !connect.address.includes(":") ? behindIpv4Header(packet) : packet);
      if (outcome !== null) finish(outcome.ok ? { ok: true, findings: {} } : outcome);
    }
  }

  function failure(errno: string, call: CallFailed["call"]): Reason {
    // Nobody listens there, says the host (ICMP port unreachable); for UDP that is not a refused connection.
    if (errno === "ECONNREFUSED") return { kind: "unreachable", errno };
    return reasonOf(
      Object.assign(new Error(), { code: errno, syscall: call }),
      "request",
      performance.now() - startedMs,
    );
  }

  function finish(ending: Ending): void {
    end();
    done(ending);
  }

  function end(): void {
    cancelDeadline();
    if (immediate) clearImmediate(immediate);
    socket?.sockets.close(socket.fd);
    socket = null;
  }
}

/** ICMP echo needs no rights where net.ipv4.ping_group_range allows it, and a raw socket elsewhere. */
function open(sockets: Native, connect: ConnectOptions, protocol: "udp" | "icmp") {
  const inet6 = connect.address.includes(":");
  const openAs = (type: number, number: number) => {
    const options = protocol === "icmp" ? { ...connect, port: 0 } : connect;
    const fd = openSocket(sockets, options, { type, protocol: number });
    // Errors that may pass, such as an unreachable host, are told at once, too (ip(7)).
    if (inet6) sockets.setsockopt(fd, SOL_IPV6, IPV6_RECVERR, uint32(1));
    else sockets.setsockopt(fd, SOL_IP, IP_RECVERR, uint32(1));
    return { sockets, fd, raw: type === SOCK_RAW };
  };
  if (protocol === "udp") return openAs(SOCK_DGRAM, IPPROTO_UDP);
  const icmp = inet6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
  try {
    return openAs(SOCK_DGRAM, icmp);
  } catch (error) {
    if (!(error instanceof CallFailed) || error.call !== "socket" || error.errno !== "EACCES") throw error;
    return openAs(SOCK_RAW, icmp);
  }
}
