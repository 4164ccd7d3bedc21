/**
 * Octets seen as host-order words. Netlink is in host byte order and everything in it starts at a multiple of four, so
 * typed arrays over the same memory read and write it as the kernel does, on either endianness.
 * Offsets are octets; those of `u16` and `u32` must be aligned.
 */
export class Memory {
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;

  /** Views `bytes` in place if it is aligned, otherwise a copy. */
  constructor(bytes: Uint8Array) {
    const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
    const { buffer, byteOffset, byteLength } = aligned;
    this.u8 = aligned;
    this.u16 = new Uint16Array(buffer, byteOffset, byteLength >> 1);
    this.u32 = new Uint32Array(buffer, byteOffset, byteLength >> 2);
    this.i32 = new Int32Array(buffer, byteOffset, byteLength >> 2);
  }

  static ofSize(bytes: number): Memory {
    return new Memory(new Uint8Array(bytes));
  }

  get size(): number {
    return this.u8.length;
  }

  getU16(offset: number): number {
    return this.u16[offset >> 1] as number;
  }

  setU16(offset: number, value: number): void {
    this.u16[offset >> 1] = value;
  }

  getU32(offset: number): number {
    return this.u32[offset >> 2] as number;
  }

  setU32(offset: number, value: number): void {
    this.u32[offset >> 2] = value;
  }

  getI32(offset: number): number {
    return this.i32[offset >> 2] as number;
  }

  setI32(offset: number, value: number): void {
    this.i32[offset >> 2] = value;
  }
}

/** NLMSG_ALIGN and NLA_ALIGN. */
export function align4(length: number): number {
  return (length + 3) & ~3;
}
