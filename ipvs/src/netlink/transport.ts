import type { Memory } from "./memory.ts";

/**
 * What a receive expects: many short datagrams (acknowledgements, single objects) or few long ones (dumps, which the
 * kernel packs into up to 32 KiB).
 */
export type ReceiveShape = "many-short" | "few-long";

export const RECEIVE_MEMORY_BYTES = 256 * 1024;

/** Datagrams per receive. The kernel fits dumps to the largest receive buffer it has seen, up to 32 KiB. */
export const RECEIVE_SLOTS: Record<ReceiveShape, number> = { "many-short": 128, "few-long": 8 };

/** Takes one datagram: the octets from `start` to `end` are valid only during the call. */
export type DatagramVisitor = (memory: Memory, start: number, end: number) => void;

/**
 * A netlink socket, real or not. The kernel handles a request within the send and fills in the rest of a dump within
 * each receive, so nothing ever has to wait.
 */
export interface Transport {
  /** The socket's own port id: answers carry it. */
  readonly portId: number;
  /** Sends one datagram of one or several messages. Throws NetlinkError `system-call`. */
  send(bytes: Uint8Array): void;
  /**
   * Visits what is there and answers how many datagrams that was, 0 when nothing is left. Throws `overrun` when answers
   * were lost (what did arrive is still there for the next call) and `truncated`.
   */
  receive(shape: ReceiveShape, visit: DatagramVisitor): number;
  close(): void;
}
