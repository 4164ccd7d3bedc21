import { describe, expect, test } from "vitest";
import { readIpv4Bounds } from "./ipv4-header.ts";

describe("the bounds of a packet", () => {
  const packet = (first: number, totalLength: number, held: number) => {
    const buffer = Buffer.alloc(held + 6);
    buffer[3] = first;
    if (held > 3) buffer.writeUInt16BE(totalLength, 5);
    return readIpv4Bounds(buffer, 3, 3 + held);
  };

  test("are those of the header, options included, and not of what was received", () => {
    expect(packet(0x45, 40, 40)).toEqual({ payload: 23, end: 43 });
    expect(packet(0x46, 40, 46)).toEqual({ payload: 27, end: 43 });
    expect(packet(0x45, 20, 20)).toEqual({ payload: 23, end: 23 });
  });

  test.each([
    ["nothing", 0x45, 40, 0],
    ["less than a header", 0x45, 19, 19],
    ["another IP version", 0x65, 40, 40],
    ["a header shorter than a header", 0x44, 40, 40],
    ["a header longer than the packet", 0x4f, 40, 60],
    ["a packet shorter than a header", 0x45, 19, 40],
    ["a packet longer than what was received", 0x45, 41, 40],
  ])("%s has none", (_what, first, totalLength, held) => {
    expect(packet(first, totalLength, held)).toBeNull();
  });
});
