import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NetlinkError } from "../errors.ts";
import { NLM_F_ACK_TLVS, NLM_F_CAPPED, NLMSG_ERROR } from "./constants.ts";
import { Memory } from "./memory.ts";
import { forEachMessage, type MessageHeader, readAcknowledgement, writeHeader } from "./message.ts";

function messages(memory: Memory, end = memory.size): MessageHeader[] {
  const found: MessageHeader[] = [];
  forEachMessage(memory, 0, end, (header) => found.push(header));
  return found;
}

describe("forEachMessage", () => {
  test("visits aligned messages in order", () => {
    const memory = Memory.ofSize(40);
    writeHeader(memory, 0, { length: 18, type: 20, flags: 5, sequence: 7, portId: 9 });
    writeHeader(memory, 20, { length: 20, type: 21, flags: 0, sequence: 8, portId: 9 });
    expect(messages(memory)).toEqual([
      { type: 20, flags: 5, sequence: 7, portId: 9, payload: 16, end: 18 },
      { type: 21, flags: 0, sequence: 8, portId: 9, payload: 36, end: 40 },
    ]);
  });

  test.each([
    ["a length beyond the end", 17],
    ["a length below the header's", 15],
    ["a length of zero, which would never end", 0],
  ])("refuses %s", (_what, length) => {
    const memory = Memory.ofSize(16);
    writeHeader(memory, 0, { length, type: 20, flags: 0, sequence: 1, portId: 1 });
    expect(() => messages(memory)).toThrow(expect.objectContaining({ code: "malformed" }));
  });

  test("refuses a header that is cut", () => {
    expect(() => messages(Memory.ofSize(12))).toThrow(expect.objectContaining({ code: "malformed" }));
  });

  test("garbage, acknowledgements included, gives messages or a coded error", () => {
    const header = fc.tuple(fc.nat(64), fc.constantFrom(2, 3, 20), fc.nat(0xffff));
    fc.assert(
      fc.property(header, fc.uint8Array({ minLength: 16, maxLength: 64 }), ([length, type, flags], garbage) => {
        const memory = new Memory(Uint8Array.from(garbage));
        writeHeader(memory, 0, { length, type, flags, sequence: 1, portId: 1 });
        try {
          for (const message of messages(memory))
            if (message.type === NLMSG_ERROR) readAcknowledgement(memory, message);
        } catch (error) {
          expect(error).toBeInstanceOf(NetlinkError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("readAcknowledgement", () => {
  const text = Buffer.from("no such thing\0");
  /** NLMSG_ERROR of a request of 24 octets, repeated whole or not. */
  function acknowledgement(errno: number, flags: number, requestBytes: number): [Memory, MessageHeader] {
    const memory = Memory.ofSize(128);
    const attributesAt = 16 + 4 + requestBytes;
    memory.setI32(16, -errno);
    writeHeader(memory, 20, { length: 24, type: 30, flags: 5, sequence: 1, portId: 1 });
    memory.setU16(attributesAt, 4 + text.length);
    memory.setU16(attributesAt + 2, 1);
    memory.u8.set(text, attributesAt + 4);
    const end = flags & NLM_F_ACK_TLVS ? attributesAt + 4 + text.length : attributesAt;
    return [memory, { type: NLMSG_ERROR, flags, sequence: 1, portId: 1, payload: 16, end }];
  }

  test("success", () => {
    expect(readAcknowledgement(...acknowledgement(0, NLM_F_CAPPED, 16))).toEqual({ errno: 0, text: null });
  });

  test("an error without text", () => {
    expect(readAcknowledgement(...acknowledgement(17, NLM_F_CAPPED, 16))).toEqual({ errno: 17, text: null });
  });

  test("text after the request's header, and after the whole request of older kernels", () => {
    const expected = { errno: 2, text: "no such thing" };
    expect(readAcknowledgement(...acknowledgement(2, NLM_F_CAPPED | NLM_F_ACK_TLVS, 16))).toEqual(expected);
    expect(readAcknowledgement(...acknowledgement(2, NLM_F_ACK_TLVS, 24))).toEqual(expected);
  });
});
