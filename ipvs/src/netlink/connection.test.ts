import { constants } from "node:os";
import { describe, expect, test } from "vitest";
import { NetlinkError } from "../errors.ts";
import { NetlinkConnection } from "./connection.ts";
import { NLM_F_CAPPED, NLM_F_DUMP_INTR, NLM_F_MULTI, NLMSG_DONE, NLMSG_ERROR } from "./constants.ts";
import { Memory } from "./memory.ts";
import { forEachMessage, type MessageHeader, writeHeader } from "./message.ts";
import { RequestBatch } from "./request-batch.ts";
import type { Transport } from "./transport.ts";

const PORT = 77;

type Reply = Partial<Pick<MessageHeader, "type" | "flags" | "sequence" | "portId">> & { errno?: number };

/** Answers each send with what the script makes of the requests' sequence numbers. */
function scripted(script: (sequences: number[]) => (Reply[] | NetlinkError)[]): Transport {
  let pending: (Reply[] | NetlinkError)[] = [];
  return {
    portId: PORT,
    send(bytes) {
      const sequences: number[] = [];
      forEachMessage(new Memory(bytes), 0, bytes.length, (header) => sequences.push(header.sequence));
      pending = script(sequences);
    },
    receive(_shape, visit) {
      const next = pending.shift();
      if (next === undefined) return 0;
      if (next instanceof NetlinkError) throw next;
      const memory = Memory.ofSize(next.length * 40);
      next.forEach(({ errno = 0, type = NLMSG_ERROR, flags = NLM_F_CAPPED, sequence = 0, portId = PORT }, index) => {
        writeHeader(memory, index * 40, { length: 40, type, flags, sequence, portId });
        memory.setI32(index * 40 + 16, -errno);
      });
      visit(memory, 0, memory.size);
      return 1;
    },
    close() {},
  };
}

function batchOf(count: number): RequestBatch {
  const batch = new RequestBatch(100);
  for (let n = 0; n < count; n++) batch.add(30, 0, (_memory, offset) => offset);
  return batch;
}

const accepted = { errno: 0, text: null, lost: false };
const overrun = () => new NetlinkError("overrun", "full", "ENOBUFS");

describe("a netlink connection", () => {
  test("matches answers with requests by sequence number, in whatever order and datagram", () => {
    const connection = new NetlinkConnection(
      scripted(([a, b, c]) => [
        [{ sequence: c as number, errno: 17 }],
        [{ sequence: a as number }, { sequence: b as number, errno: 3 }],
      ]),
    );
    expect(connection.transact(batchOf(3)).answers).toEqual([
      accepted,
      { errno: 3, text: null, lost: false },
      { errno: 17, text: null, lost: false },
    ]);
  });

  test("uses each sequence number once, and ignores answers of earlier exchanges and other ports", () => {
    const seen: number[] = [];
    const connection = new NetlinkConnection(
      scripted(([sequence = 0]) => {
        seen.push(sequence);
        return [
          [{ sequence: sequence - 1, errno: 1 }],
          [{ sequence, portId: 5, errno: 2 }],
          [{ sequence: sequence + 1, errno: 3 }],
          [{ sequence }],
        ];
      }),
    );
    expect(connection.transact(batchOf(1)).answers).toEqual([accepted]);
    expect(connection.transact(batchOf(1)).answers).toEqual([accepted]);
    expect(seen).toEqual([1, 2]);
  });

  test("what an overrun swallowed is lost, what came through counts", () => {
    const connection = new NetlinkConnection(
      scripted(([a, , c]) => [[{ sequence: a as number }], overrun(), [{ sequence: c as number, errno: 2 }]]),
    );
    expect(connection.transact(batchOf(3)).answers).toEqual([
      accepted,
      { lost: true },
      { errno: 2, text: null, lost: false },
    ]);
  });

  test("silence without an overrun is EINTR: the kernel acknowledges every other outcome", () => {
    const connection = new NetlinkConnection(scripted(([a]) => [[{ sequence: a as number }]]));
    expect(connection.transact(batchOf(2)).answers).toEqual([
      accepted,
      { errno: constants.errno.EINTR, text: null, lost: false },
    ]);
  });

  test("a marked listing is read to its end, then reported as interrupted", () => {
    const connection = new NetlinkConnection(
      scripted(([sequence = 0]) => [
        [{ type: 30, flags: NLM_F_MULTI | NLM_F_DUMP_INTR, sequence }],
        [{ type: 30, flags: NLM_F_MULTI, sequence }],
        [{ type: NLMSG_DONE, flags: NLM_F_MULTI, sequence }],
      ]),
    );
    let replies = 0;
    const listing = () => connection.transact(batchOf(1), "few-long", () => replies++);
    expect(listing).toThrow(expect.objectContaining({ code: "dump-interrupted" }));
    expect(replies).toBe(2);
  });

  test("a listing whose end carries an error fails with it", () => {
    const connection = new NetlinkConnection(
      scripted(([sequence = 0]) => [[{ type: NLMSG_DONE, flags: NLM_F_MULTI, sequence, errno: 95 }]]),
    );
    expect(connection.transact(batchOf(1), "few-long").answers).toEqual([{ errno: 95, text: null, lost: false }]);
  });

  test("a listing with lost parts is no listing", () => {
    const connection = new NetlinkConnection(
      scripted(([sequence = 0]) => [
        [{ type: 30, flags: NLM_F_MULTI, sequence }],
        overrun(),
        [{ type: NLMSG_DONE, flags: NLM_F_MULTI, sequence }],
      ]),
    );
    expect(() => connection.transact(batchOf(1), "few-long")).toThrow(expect.objectContaining({ code: "overrun" }));
  });

  test("other failures of the socket come through", () => {
    const connection = new NetlinkConnection(scripted(() => [new NetlinkError("truncated", "too long")]));
    expect(() => connection.transact(batchOf(1))).toThrow(expect.objectContaining({ code: "truncated" }));
  });
});

describe("a batch of requests", () => {
  test("is as before when a body fails, and refuses what is too long or too many", () => {
    const batch = new RequestBatch(2);
    const fail = () => {
      throw new NetlinkError("invalid", "no");
    };
    expect(() => batch.add(30, 0, fail)).toThrow("no");
    expect(() => batch.add(30, 0, (_memory, offset) => offset + 2000)).toThrow("too long");
    expect(batch.count).toBe(0);
    batch.add(30, 0, (_memory, offset) => offset);
    batch.add(30, 0, (_memory, offset) => offset + 3);
    expect(() => batch.add(30, 0, (_memory, offset) => offset)).toThrow("holds 2 requests");
    expect(batch.seal(1, PORT).length).toBe(16 + 20);
  });
});
