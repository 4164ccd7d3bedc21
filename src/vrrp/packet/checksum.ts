/**
 * The internet checksum (RFC 1071) in three steps, so that pseudo headers need not be laid out in memory: sums are added up,
 * then folded. A sum of 32 bits and more stays exact in a number.
 */

/** Sum of the 16-bit words from `start` to `end`; an odd last octet is the high half of a word. */
export function sumOf(buffer: Uint8Array, start: number, end: number): number {
  let sum = 0;
  const even = end - ((end - start) & 1);
  for (let at = start; at < even; at += 2) sum += ((buffer[at] as number) << 8) | (buffer[at + 1] as number);
  return even < end ? sum + ((buffer[even] as number) << 8) : sum;
}

/** One's complement of the folded sum: what goes into a packet whose checksum field counted as zero. */
export function checksumOf(sum: number): number {
  return ~fold(sum) & 0xffff;
}

/** Whether a sum that includes the checksum field is that of an undamaged packet. */
export function isUndamaged(sum: number): boolean {
  return fold(sum) === 0xffff;
}

function fold(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded % 0x10000) + Math.floor(folded / 0x10000);
  return folded;
}
