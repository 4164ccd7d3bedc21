import { constants } from "node:os";
import { NetlinkError } from "../errors.ts";
import { type CommandAttributes, command as commandAttributes } from "../ipvs/attributes.ts";
import { IPVS_GENL_NAME, IPVS_GENL_VERSION } from "../ipvs/constants.ts";
import { cstring, u32 } from "../netlink/attribute-types.ts";
import { attributes as attributeTable } from "../netlink/attributes.ts";
import {
  CTRL_CMD_GETFAMILY,
  CTRL_CMD_NEWFAMILY,
  GENERIC_HEADER_BYTES,
  GENL_ID_CTRL,
  HEADER_BYTES,
  NLM_F_ACK,
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_MULTI,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSGERR_ATTR_MSG,
  NLMSGERR_ATTR_OFFS,
} from "../netlink/constants.ts";
import { familyAttributes, writeGenericHeader } from "../netlink/generic.ts";
import { align4, Memory } from "../netlink/memory.ts";
import { forEachMessage, type MessageHeader, writeHeader } from "../netlink/message.ts";
import {
  type DatagramVisitor,
  RECEIVE_MEMORY_BYTES,
  RECEIVE_SLOTS,
  type ReceiveShape,
  type Transport,
} from "../netlink/transport.ts";

/** Message type of the fake's IPVS family; real kernels choose one when the module is loaded. */
const FAMILY = 37;
/** Kernel memory that a short datagram takes in the receive buffer besides its octets (struct sk_buff, on 64 bits). */
const DATAGRAM_OVERHEAD_BYTES = 768;
const LONGEST_REPLY_BYTES = 1024;

const extendedAck = attributeTable({ message: [NLMSGERR_ATTR_MSG, cstring], offset: [NLMSGERR_ATTR_OFFS, u32] });

interface Dump {
  readonly command: number;
  readonly attributes: CommandAttributes;
  readonly sequence: number;
  readonly interrupted: boolean;
  index: number;
}

/** Writes one object's attributes; answers the offset after them. */
export type ReplyWriter = (memory: Memory, offset: number) => number;

/** What a request leads to: an errno, and what is sent before it. */
export interface Outcome {
  readonly errno: number;
  readonly text?: string | undefined;
  readonly reply?: { readonly command: number; readonly write: ReplyWriter };
}

/** What is behind a socket. */
export interface FakeSocketKernel {
  /** Whether the module is loaded. */
  readonly ipvs: boolean;
  readonly receiveBufferBytes: number;
  readonly dumpBytes: number;
  interruptedDumps: number;
  readonly beforeNextDatagram: () => void;
  handle(command: number, attributes: CommandAttributes): Outcome;
  listed(command: number, attributes: CommandAttributes, index: number): Outcome["reply"] | number | null;
}

/** One netlink socket of a fake kernel: what af_netlink.c and genetlink.c do. */
export class FakeSocket implements Transport {
  readonly portId: number;
  readonly #kernel: FakeSocketKernel;
  readonly #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #overrun = false;
  #congested = false;
  #closed = false;
  #dump: Dump | null = null;

  constructor(kernel: FakeSocketKernel, portId: number) {
    this.#kernel = kernel;
    this.portId = portId;
  }

  send(bytes: Uint8Array): void {
    this.#checkOpen();
    const memory = new Memory(bytes);
    try {
      forEachMessage(memory, 0, memory.size, (header) => this.#take(memory, header));
    } catch (error) {
      // netlink_rcv_skb stops silently at octets that are no message.
      if (!(error instanceof NetlinkError)) throw error;
    }
  }

  receive(shape: ReceiveShape, visit: DatagramVisitor): number {
    this.#checkOpen();
    if (this.#overrun) {
      this.#overrun = false;
      throw new NetlinkError("overrun", "the receive buffer was full: answers of the kernel were lost", "ENOBUFS");
    }
    const slots = RECEIVE_SLOTS[shape];
    const slotBytes = RECEIVE_MEMORY_BYTES / slots;
    let count = 0;
    let truncated = false;
    for (; count < slots; count++) {
      const datagram = this.#queue.shift();
      if (!datagram) break;
      this.#queuedBytes -= datagram.length + DATAGRAM_OVERHEAD_BYTES;
      if (this.#queue.length === 0) this.#congested = false;
      if (datagram.length > slotBytes) truncated = true;
      else visit(new Memory(datagram), 0, datagram.length);
      this.#continueDump();
    }
    if (truncated) throw new NetlinkError("truncated", `an answer of the kernel is longer than ${slotBytes} octets`);
    return count;
  }

  close(): void {
    this.#closed = true;
  }

  #checkOpen(): void {
    if (this.#closed) throw new NetlinkError("closed", "the netlink socket is closed");
  }

  #take(memory: Memory, header: MessageHeader): void {
    let outcome: Outcome;
    try {
      outcome = this.#handle(memory, header);
    } catch (error) {
      if (!(error instanceof NetlinkError)) throw error;
      outcome = { errno: constants.errno.EINVAL, text: error.message };
    }
    const { errno, text, reply } = outcome;
    if (errno === constants.errno.EINTR) return;
    if (reply) this.#deliver(this.#message(FAMILY, 0, header.sequence, genericReply(reply)));
    if (errno !== 0 || header.flags & NLM_F_ACK) this.#acknowledge(memory, header, errno, text);
  }

  #handle(memory: Memory, header: MessageHeader): Outcome {
    if (header.type === GENL_ID_CTRL) return this.#handleControl(memory, header);
    if (header.type !== FAMILY || !this.#kernel.ipvs) return { errno: constants.errno.ENOENT };
    if (header.end - header.payload < GENERIC_HEADER_BYTES) return { errno: constants.errno.EINVAL };
    const command = memory.u8[header.payload] as number;
    const attributes = commandAttributes.decode(memory, header.payload + GENERIC_HEADER_BYTES, header.end);
    if ((header.flags & NLM_F_DUMP) !== NLM_F_DUMP) return this.#kernel.handle(command, attributes);
    return this.#startDump(command, attributes, header.sequence);
  }

  #handleControl(memory: Memory, header: MessageHeader): Outcome {
    const { name } = familyAttributes.decode(memory, header.payload + GENERIC_HEADER_BYTES, header.end);
    if (memory.u8[header.payload] !== CTRL_CMD_GETFAMILY) return { errno: constants.errno.EOPNOTSUPP };
    if (name !== IPVS_GENL_NAME || !this.#kernel.ipvs) return { errno: constants.errno.ENOENT };
    const write: ReplyWriter = (to, offset) =>
      familyAttributes.encode(to, offset, { id: FAMILY, name, version: IPVS_GENL_VERSION });
    return { errno: 0, reply: { command: CTRL_CMD_NEWFAMILY, write } };
  }

  #startDump(command: number, attributes: CommandAttributes, sequence: number): Outcome {
    if (this.#dump) return { errno: constants.errno.EBUSY };
    const first = this.#kernel.listed(command, attributes, 0);
    if (typeof first === "number") return { errno: first };
    const interrupted = this.#kernel.interruptedDumps > 0;
    if (interrupted) this.#kernel.interruptedDumps--;
    this.#dump = { command, attributes, sequence, interrupted, index: 0 };
    this.#nextDatagram(this.#dump);
    // netlink_dump_start answers for itself: no acknowledgement follows.
    return { errno: constants.errno.EINTR };
  }

  /** netlink_recvmsg goes on with a listing once half of the receive buffer is free. */
  #continueDump(): void {
    if (!this.#dump || this.#queuedBytes > this.#kernel.receiveBufferBytes / 2) return;
    this.#kernel.beforeNextDatagram();
    this.#nextDatagram(this.#dump);
  }

  /** As many objects as fit, or the end. The table is read as it is now: writers in between shift the index. */
  #nextDatagram(dump: Dump): void {
    const flags = NLM_F_MULTI | (dump.interrupted ? NLM_F_DUMP_INTR : 0);
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for (;;) {
      const object = this.#kernel.listed(dump.command, dump.attributes, dump.index);
      if (!object || typeof object === "number") break;
      const message = this.#message(FAMILY, flags, dump.sequence, genericReply(object));
      if (bytes > 0 && bytes + message.length > this.#kernel.dumpBytes) break;
      parts.push(message);
      bytes += message.length;
      dump.index++;
    }
    if (bytes > 0) {
      this.#enqueue(Buffer.concat(parts));
      return;
    }
    this.#dump = null;
    this.#enqueue(
      this.#message(NLMSG_DONE, flags, dump.sequence, (memory, offset) => {
        memory.setI32(offset, 0);
        return offset + 4;
      }),
    );
  }

  #acknowledge(request: Memory, header: MessageHeader, errno: number, text: string | undefined): void {
    const flags = NLM_F_CAPPED | (text === undefined ? 0 : NLM_F_ACK_TLVS);
    this.#deliver(
      this.#message(NLMSG_ERROR, flags, header.sequence, (memory, offset) => {
        memory.setI32(offset, -errno);
        memory.u8.set(request.u8.subarray(header.payload - HEADER_BYTES, header.payload), offset + 4);
        return extendedAck.encode(memory, offset + 4 + HEADER_BYTES, { message: text });
      }),
    );
  }

  #message(type: number, flags: number, sequence: number, write: ReplyWriter): Uint8Array {
    const memory = Memory.ofSize(LONGEST_REPLY_BYTES);
    const length = write(memory, HEADER_BYTES);
    writeHeader(memory, 0, { length, type, flags, sequence, portId: this.portId });
    return memory.u8.slice(0, align4(length));
  }

  /** netlink_attachskb: a full buffer loses the datagram and takes no more until it has been emptied. */
  #deliver(datagram: Uint8Array): void {
    if (this.#congested || this.#queuedBytes > this.#kernel.receiveBufferBytes) {
      this.#overrun = true;
      this.#congested = true;
      return;
    }
    this.#enqueue(datagram);
  }

  /** Parts of a listing are made only while there is room: they are never lost. */
  #enqueue(datagram: Uint8Array): void {
    this.#queue.push(datagram);
    this.#queuedBytes += datagram.length + DATAGRAM_OVERHEAD_BYTES;
  }
}

function genericReply({ command, write }: { command: number; write: ReplyWriter }): ReplyWriter {
  return (memory, offset) => write(memory, writeGenericHeader(memory, offset, command, IPVS_GENL_VERSION));
}
