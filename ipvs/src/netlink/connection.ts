import { constants } from "node:os";
import { NetlinkError } from "../errors.ts";
import { NLM_F_DUMP_INTR, NLM_F_MULTI, NLMSG_DONE, NLMSG_ERROR, NLMSG_MIN_TYPE, NLMSG_OVERRUN } from "./constants.ts";
import type { Memory } from "./memory.ts";
import { type Acknowledgement, forEachMessage, type MessageHeader, readAcknowledgement } from "./message.ts";
import type { RequestBatch } from "./request-batch.ts";
import type { ReceiveShape, Transport } from "./transport.ts";

/**
 * What became of one request: the kernel's acknowledgement, or `lost` when its answer fell out of a full receive
 * buffer, so that only reading again tells.
 */
export type Answer = (Acknowledgement & { readonly lost: false }) | { readonly lost: true };

/** What a send led to. A listing in one datagram and its end are two datagrams, and were read at one moment. */
export interface Outcome {
  /** One per request, in order. */
  readonly answers: readonly Answer[];
  readonly datagrams: number;
}

/** Takes an object that answers the request of the given index; the memory is valid only during the call. */
export type ReplyVisitor = (index: number, memory: Memory, header: MessageHeader) => void;

const LAST_SEQUENCE = 0xffff_ffff;
const lost: Answer = { lost: true };
// netlink_rcv_skb sends no acknowledgement, asked for or not, when the handler's result is -EINTR.
const interrupted: Answer = { lost: false, errno: constants.errno.EINTR, text: null };
const ignoreReply: ReplyVisitor = () => {};

/** Matches answers with requests by sequence number and port id. Everything it asks is answered within the call. */
export class NetlinkConnection {
  readonly #transport: Transport;
  #nextSequence = 1;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Sends a batch and collects one answer per request; replies go to the visitor before their request is answered.
   * Throws NetlinkError `dump-interrupted` (after the whole dump was read), `overrun` for a dump (which cannot be
   * partly right), `system-call`, `truncated`, `malformed`, `closed`.
   */
  transact(batch: RequestBatch, shape: ReceiveShape = "many-short", onReply: ReplyVisitor = ignoreReply): Outcome {
    const { count } = batch;
    if (this.#nextSequence + count > LAST_SEQUENCE) this.#nextSequence = 1;
    const first = this.#nextSequence;
    this.#nextSequence += count;
    const exchange = new Exchange(first, count, this.#transport.portId, onReply);
    this.#transport.send(batch.seal(first, this.#transport.portId));
    while (exchange.open > 0) {
      try {
        if (this.#transport.receive(shape, exchange.takeDatagram) === 0) break;
      } catch (error) {
        if (!(error instanceof NetlinkError && error.code === "overrun")) throw error;
        exchange.overrun = true;
      }
    }
    return exchange.finish();
  }

  close(): void {
    this.#transport.close();
  }
}

/** The answers of one send. */
class Exchange {
  open: number;
  overrun = false;
  #datagrams = 0;
  readonly #first: number;
  readonly #portId: number;
  readonly #onReply: ReplyVisitor;
  readonly #answers: (Answer | undefined)[];
  #interrupted = false;
  #multipart = false;

  constructor(first: number, count: number, portId: number, onReply: ReplyVisitor) {
    this.open = count;
    this.#first = first;
    this.#portId = portId;
    this.#onReply = onReply;
    this.#answers = new Array(count);
  }

  readonly takeDatagram = (memory: Memory, start: number, end: number): void => {
    this.#datagrams++;
    forEachMessage(memory, start, end, (header) => this.#takeMessage(memory, header));
  };

  #takeMessage(memory: Memory, header: MessageHeader): void {
    const index = header.sequence - this.#first;
    // Answers to an exchange that was given up on may still arrive.
    if (index < 0 || index >= this.#answers.length || header.portId !== this.#portId) return;
    if (header.flags & NLM_F_DUMP_INTR) this.#interrupted = true;
    if (header.flags & NLM_F_MULTI) this.#multipart = true;
    if (header.type === NLMSG_ERROR) this.#settle(index, { ...readAcknowledgement(memory, header), lost: false });
    else if (header.type === NLMSG_DONE)
      this.#settle(index, { errno: doneErrno(memory, header), text: null, lost: false });
    else if (header.type === NLMSG_OVERRUN) this.overrun = true;
    else if (header.type >= NLMSG_MIN_TYPE) this.#onReply(index, memory, header);
  }

  #settle(index: number, answer: Answer): void {
    if (this.#answers[index] !== undefined) return;
    this.#answers[index] = answer;
    this.open--;
  }

  finish(): Outcome {
    if (this.overrun && this.#multipart) {
      throw new NetlinkError("overrun", "the receive buffer was full: a part of the list was lost", "ENOBUFS");
    }
    if (this.#interrupted) throw new NetlinkError("dump-interrupted", "the table changed while it was listed", "EINTR");
    const unanswered = this.overrun ? lost : interrupted;
    return { answers: Array.from(this.#answers, (answer) => answer ?? unanswered), datagrams: this.#datagrams };
  }
}

/** NLMSG_DONE carries the dump's result, 0 or -errno; old kernels may leave it out. */
function doneErrno(memory: Memory, { payload, end }: MessageHeader): number {
  return end - payload >= 4 ? Math.max(0, -memory.getI32(payload)) : 0;
}
