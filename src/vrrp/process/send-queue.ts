import { errnoName, native } from "ipvs-netlink";

// A row of the addon's sendBatch: fd, offset and length of data, of the address, of the control messages, result.
const rowFields = 8;
const result = 7;

/** A packet that lies ready in the memory of the queue. */
export interface PreparedPacket {
  readonly fd: number;
  readonly offset: number;
  readonly bytes: number;
  readonly addressOffset: number;
  readonly addressBytes: number;
  readonly controlOffset: number;
  readonly controlBytes: number;
}

/** Collects what one wake-up has to send, and sends it in one go: one system call for each socket. */
export class SendQueue<T> {
  readonly #memory: Buffer;
  #table = new Int32Array(64 * rowFields);
  #owners: T[] = [];
  #count = 0;

  /** `memory` is where all packets lie. */
  constructor(memory: Buffer) {
    this.#memory = memory;
  }

  /** `owner` is told of the outcome. The packet must not be changed before `flush`. */
  add(packet: PreparedPacket, owner: T): void {
    if ((this.#count + 1) * rowFields > this.#table.length) this.#grow();
    const row = this.#count * rowFields;
    const table = this.#table;
    table[row] = packet.fd;
    table[row + 1] = packet.offset;
    table[row + 2] = packet.bytes;
    table[row + 3] = packet.addressOffset;
    table[row + 4] = packet.addressBytes;
    table[row + 5] = packet.controlOffset;
    table[row + 6] = packet.controlBytes;
    this.#owners[this.#count] = owner;
    this.#count++;
  }

  get length(): number {
    return this.#count;
  }

  /** Sends everything. `onResult` gets the name of the error, or null. */
  flush(onResult: (owner: T, errno: string | null) => void): void {
    if (this.#count === 0) return;
    const count = this.#count;
    this.#count = 0;
    native().sendBatch(this.#memory, this.#table, count, 0);
    for (let index = 0; index < count; index++) {
      const answer = this.#table[index * rowFields + result] as number;
      onResult(this.#owners[index] as T, answer < 0 ? errnoName(-answer) : null);
    }
  }

  #grow(): void {
    const larger = new Int32Array(this.#table.length * 2);
    larger.set(this.#table);
    this.#table = larger;
  }
}
