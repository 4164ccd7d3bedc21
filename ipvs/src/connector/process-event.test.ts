import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Memory } from "../netlink/memory.ts";
import { decodeProcessEvent, encodeListenRequest } from "./process-event.ts";

/** As Linux 6.18 sent it: 76 octets, of which the process event is the last 40. */
function message(what: number, ...words: readonly number[]): Memory {
  const memory = Memory.ofSize(76);
  memory.setU32(0, 76);
  memory.setU32(16, 1);
  memory.setU32(20, 1);
  memory.setU16(32, 40);
  memory.setU32(36, what);
  for (const [index, word] of words.entries()) memory.setU32(52 + 4 * index, word);
  return memory;
}
const decoded = (memory: Memory) => decodeProcessEvent(memory, 0, memory.size);

describe("the kernel's events about processes", () => {
  test("are decoded", () => {
    expect(decoded(message(0, 0))).toEqual({ kind: "listening", errno: 0 });
    expect(decoded(message(1, 11, 10, 20, 20))).toEqual({ kind: "fork", parent: 10, pid: 20 });
    expect(decoded(message(2, 20, 20))).toEqual({ kind: "exec", pid: 20 });
    expect(decoded(message(0x200, 20, 20))).toEqual({ kind: "renamed", pid: 20 });
    expect(decoded(message(0x8000_0000, 20, 20, 0, 17))).toEqual({ kind: "exit", pid: 20 });
  });

  test("of threads and of other things are left out", () => {
    expect(decoded(message(1, 10, 10, 21, 20))).toBeNull();
    expect(decoded(message(0x200, 21, 20))).toBeNull();
    expect(decoded(message(0x8000_0000, 21, 20))).toBeNull();
    expect(decoded(message(4, 20, 20))).toBeNull();
  });

  test("that are cut off or are none do no harm", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const memory = new Memory(bytes.slice(0, bytes.length & ~3));
        decoded(memory);
      }),
    );
    expect(decodeProcessEvent(message(2, 20, 20), 0, 60)).toBeNull();
  });

  test("are asked for", () => {
    const hex = Buffer.from(encodeListenRequest()).toString("hex");
    expect(hex).toBe(`28000000030000000000000000000000${"01000000".repeat(2)}${"00".repeat(8)}0400000001000000`);
  });
});
