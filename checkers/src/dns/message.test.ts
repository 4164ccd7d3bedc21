import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeQuery, judgeAnswer } from "./message.ts";

test("a query is what RFC 1035 4.1 has", () => {
  expect(Buffer.from(encodeQuery(0x1234, "a.bc", "MX")).toString("hex")).toBe(
    "123401000001000000000000016102626300000f0001",
  );
  for (const name of [".", ""]) expect(encodeQuery(1, name, "SOA")).toHaveLength(17);
});

test("any octets are judged, none throws; what passes has our id and question", () => {
  const query = encodeQuery(0x0102, "www.example.org", "AAAA");
  const tail = fc.uint8Array({ maxLength: 60 });
  const answer = fc.oneof(
    tail,
    fc.tuple(fc.nat(0xffff), fc.nat(3), tail).map(([flags, records, rest]) => {
      const head = Buffer.from(query);
      head.writeUInt16BE(flags, 2);
      head.writeUInt16BE(records, 6);
      return new Uint8Array(Buffer.concat([head, rest]));
    }),
  );
  fc.assert(
    fc.property(answer, (octets) => {
      const outcome = judgeAnswer(query, octets);
      if (outcome?.ok) expect([...octets.subarray(12, query.length)]).toEqual([...query.subarray(12)]);
    }),
    { numRuns: 2000 },
  );
});
