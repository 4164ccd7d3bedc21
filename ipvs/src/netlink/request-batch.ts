import { NetlinkError } from "../errors.ts";
import { HEADER_BYTES, NLM_F_ACK, NLM_F_REQUEST } from "./constants.ts";
import { align4, Memory } from "./memory.ts";
import { writeHeader } from "./message.ts";

/** No request of IPVS comes near it; what does not fit is refused, not cut. */
const LONGEST_REQUEST_BYTES = 1024;

/** Writes a request's payload at the offset; answers the offset after it. */
export type BodyWriter = (memory: Memory, offset: number) => number;

/** Requests gathered for one send, in memory that is used again and again. */
export class RequestBatch {
  readonly limit: number;
  readonly #longestBytes: number;
  readonly #memory: Memory;
  #count = 0;
  #end = 0;

  constructor(limit: number, longestBytes = LONGEST_REQUEST_BYTES) {
    this.limit = limit;
    this.#longestBytes = longestBytes;
    this.#memory = Memory.ofSize(limit * longestBytes);
  }

  get count(): number {
    return this.#count;
  }

  get full(): boolean {
    return this.#count === this.limit;
  }

  /** Appends a request. If the body throws, the batch is as before. */
  add(type: number, flags: number, body: BodyWriter): void {
    if (this.full) throw new NetlinkError("invalid", `a batch holds ${this.limit} requests`);
    const start = this.#end;
    const end = body(this.#memory, start + HEADER_BYTES);
    const length = end - start;
    if (length > this.#longestBytes) throw new NetlinkError("invalid", `a request of ${length} octets is too long`);
    writeHeader(this.#memory, start, {
      length,
      type,
      flags: flags | NLM_F_REQUEST | NLM_F_ACK,
      sequence: 0,
      portId: 0,
    });
    this.#end = start + align4(length);
    this.#count++;
  }

  /** Numbers the requests from `firstSequence` and answers the octets to send, valid until the next add. */
  seal(firstSequence: number, portId: number): Uint8Array {
    let sequence = firstSequence;
    for (let offset = 0; offset < this.#end; offset += align4(this.#memory.getU32(offset))) {
      this.#memory.setU32(offset + 8, sequence++);
      this.#memory.setU32(offset + 12, portId);
    }
    return this.#memory.u8.subarray(0, this.#end);
  }

  clear(): void {
    this.#count = 0;
    this.#end = 0;
  }
}
