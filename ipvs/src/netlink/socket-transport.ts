import { constants } from "node:os";
import { errnoName, NetlinkError } from "../errors.ts";
import { type Native, native } from "../native.ts";
import {
  AF_NETLINK,
  MSG_DONTWAIT,
  MSG_TRUNC,
  NETLINK_ADD_MEMBERSHIP,
  NETLINK_CAP_ACK,
  NETLINK_EXT_ACK,
  NETLINK_GET_STRICT_CHK,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SOCK_RAW,
  SOL_NETLINK,
  SOL_SOCKET,
} from "./constants.ts";
import { Memory } from "./memory.ts";
import {
  type DatagramVisitor,
  RECEIVE_MEMORY_BYTES,
  RECEIVE_SLOTS,
  type ReceiveShape,
  type Transport,
} from "./transport.ts";

export interface SocketTransportOptions {
  /** NETLINK_GENERIC, NETLINK_ROUTE, ... (linux/netlink.h). */
  readonly protocol: number;
  /** Path of a network namespace ("/run/netns/blue", "/proc/42/ns/net"); default is the process's own. */
  readonly netns?: string | undefined;
  /** Kernel memory for answers not yet read; default 1 MiB, of which an acknowledgement takes about 1 KiB. */
  readonly receiveBufferBytes?: number | undefined;
  /** Whether it may exceed net.core.rmem_max, where CAP_NET_ADMIN allows that; default true. */
  readonly receiveBufferForced?: boolean | undefined;
  /** Multicast groups to listen to (RTNLGRP_*). */
  readonly groups?: readonly number[] | undefined;
  /** NETLINK_GET_STRICT_CHK: listings are filtered by the kernel (4.20). */
  readonly strictListings?: boolean | undefined;
}

/** A transport that tells when there is something to receive. */
export interface WatchedTransport extends Transport {
  /** Calls back while there is, until the transport is closed. Throws NetlinkError `system-call`. */
  watch(onReadable: () => void): void;
}

/** libuv's. */
const UV_READABLE = 1;
const SOCKADDR_NL_BYTES = 12;
const INFO_FIELDS = 3;

/** Opens a netlink socket. Throws NetlinkError `addon-not-built` or `system-call`. */
export function openSocketTransport(options: SocketTransportOptions): WatchedTransport {
  const { protocol, netns } = options;
  const calls = native();
  const fd = checked(
    netns === undefined
      ? calls.socket(AF_NETLINK, SOCK_RAW, protocol)
      : calls.socketInNamespace(netns, AF_NETLINK, SOCK_RAW, protocol),
    netns === undefined ? "opening a netlink socket" : `opening a netlink socket in ${netns}`,
  );
  try {
    setUp(calls, fd, options);
    return new SocketTransport(calls, fd);
  } catch (error) {
    calls.close(fd);
    throw error;
  }
}

function setUp(calls: Native, fd: number, options: SocketTransportOptions): void {
  const size = words(options.receiveBufferBytes ?? 1024 * 1024);
  const force = options.receiveBufferForced ?? true;
  // Without CAP_NET_ADMIN, as much as is allowed.
  if (!force || calls.setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, size) < 0) {
    calls.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, size);
  }
  // Kernels before 4.12 know neither: then errors come without text and with the whole request.
  calls.setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, words(1));
  calls.setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, words(1));
  if (options.strictListings) calls.setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, words(1));
  const kernel = socketAddress();
  checked(calls.bind(fd, kernel), "binding a netlink socket");
  // Connected to port 0, the socket takes unicasts from the kernel only.
  checked(calls.connect(fd, kernel), "connecting a netlink socket");
  for (const group of options.groups ?? []) {
    checked(calls.setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, words(group)), `joining netlink group ${group}`);
  }
}

class SocketTransport implements WatchedTransport {
  readonly portId: number;
  readonly #calls: Native;
  readonly #fd: number;
  readonly #memory = Memory.ofSize(RECEIVE_MEMORY_BYTES);
  readonly #info = new Int32Array(RECEIVE_SLOTS["many-short"] * INFO_FIELDS);
  #closed = false;

  constructor(calls: Native, fd: number) {
    this.#calls = calls;
    this.#fd = fd;
    const own = new Memory(socketAddress());
    checked(calls.getsockname(fd, own.u8), "reading a netlink socket's address");
    this.portId = own.getU32(4);
  }

  send(bytes: Uint8Array): void {
    this.#checkOpen();
    checked(this.#calls.sendmsg(this.#fd, bytes, null, 0), "sending to the kernel");
  }

  receive(shape: ReceiveShape, visit: DatagramVisitor): number {
    this.#checkOpen();
    const slots = RECEIVE_SLOTS[shape];
    const count = this.#calls.recvmmsg(this.#fd, this.#memory.u8, slots, this.#info, null, MSG_DONTWAIT);
    if (count < 0) return receiveFailure(-count);
    const slotBytes = this.#memory.size / slots;
    let truncated = false;
    for (let slot = 0; slot < count; slot++) {
      const length = this.#info[slot * INFO_FIELDS] as number;
      if ((this.#info[slot * INFO_FIELDS + 1] as number) & MSG_TRUNC) truncated = true;
      else visit(this.#memory, slot * slotBytes, slot * slotBytes + length);
    }
    if (truncated) throw new NetlinkError("truncated", `an answer of the kernel is longer than ${slotBytes} octets`);
    return count;
  }

  watch(onReadable: () => void): void {
    this.#checkOpen();
    checked(this.#calls.watch(this.#fd, UV_READABLE, onReadable), "watching a netlink socket");
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#calls.close(this.#fd);
  }

  #checkOpen(): void {
    if (this.#closed) throw new NetlinkError("closed", "the netlink socket is closed");
  }
}

function receiveFailure(errno: number): number {
  if (errno === constants.errno.EAGAIN) return 0;
  if (errno === constants.errno.ENOBUFS) {
    throw new NetlinkError("overrun", "the receive buffer was full: answers of the kernel were lost", "ENOBUFS");
  }
  throw systemCallError(errno, "receiving from the kernel");
}

function checked(result: number, action: string): number {
  if (result < 0) throw systemCallError(-result, action);
  return result;
}

function systemCallError(errno: number, action: string): NetlinkError {
  const name = errnoName(errno);
  return new NetlinkError("system-call", `${action}: ${name}`, name);
}

/** struct sockaddr_nl: family u16, padding, port id u32 (0: the kernel's choice, or the kernel), groups u32. */
function socketAddress(): Uint8Array {
  const address = Memory.ofSize(SOCKADDR_NL_BYTES);
  address.setU16(0, AF_NETLINK);
  return address.u8;
}

function words(...values: number[]): Uint8Array {
  return new Uint8Array(new Uint32Array(values).buffer);
}
