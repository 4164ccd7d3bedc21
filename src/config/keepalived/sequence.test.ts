import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseSequence } from "./sequence.ts";

function turns(text: string): string[] {
  const sequence = parseSequence(text);
  if (sequence === null || "message" in sequence) throw new Error(JSON.stringify(sequence));
  return Array.from({ length: sequence.count }, (_, turn) => sequence.values(turn).join("/"));
}

function complaint(text: string): string {
  const sequence = parseSequence(text);
  return sequence !== null && "message" in sequence ? sequence.message : "none";
}

// What keepalived 2.2.7 makes of the same lines.
describe("~SEQ", () => {
  test.each([
    ["~SEQ(S, 0, 3) x", ["0", "1", "2", "3"]],
    ["~SEQ(S, 3)", ["1", "2", "3"]],
    ["~SEQ(S, -3)", ["-1", "-2", "-3"]],
    ["~SEQ(S, 3, 1)", ["3", "2", "1"]],
    ["~SEQ(S,1,-1)", ["1", "0", "-1"]],
    ["~SEQ(S, 1, 2, 6)", ["1", "3", "5"]],
    ["~SEQ(S, 010, 012)", ["8", "9", "10"]],
    ["~SEQx(S, 10, 12)", ["a", "b", "c"]],
    ["~SEQx(S, 0x90, 0x10, 0xc0)", ["90", "a0", "b0", "c0"]],
    ["~SEQ (S, 1, 2) y", ["1", "2"]],
  ])("%s", (text, expected) => expect(turns(text)).toEqual(expected));

  test.each([
    ["~SEQ(S, 1, 0, 5)", "~SEQ from 1 by 0 never reaches 5"],
    ["~SEQ(S, 1, -1, 5)", "~SEQ from 1 by -1 never reaches 5"],
    ["~SEQ(S)", "~SEQ takes a name and one to three numbers"],
    ["~SEQ(S, a, b)", '"a" is no whole number'],
    ["~SEQ(1, 2)", 'the name of a parameter stands first in ~SEQ, not "1"'],
    ["~SEQ(S, 1, 2", "~SEQ( is never closed"],
  ])("%s: %s", (text, expected) => expect(complaint(text)).toBe(expected));

  test("a large one costs nothing before it is used", () => {
    expect(parseSequence("~SEQ(var,1,1,1000000000) x")).toMatchObject({ count: 1_000_000_000 });
  });

  test("other lines are none", () => {
    expect(["x", "~seq(A,1,2)", "~SEQX(A,1,2)", "~", "n ~SEQ(A,1)"].map(parseSequence)).toEqual(Array(5).fill(null));
  });
});

describe("~LST", () => {
  test.each([
    ["~LST(L, x,y,z) v", ["x", "y", "z"]],
    ["~LST(L, a-b , c.d,e:f/g)", ["a-b", "c.d", "e:f/g"]],
    ["~LST(J,a,,b)", ["a", "", "b"]],
    ["~LST(R,{a},{b})", ["a", "b"]],
    ["~LST({IP, IP1}, {10,1},{20,4}, {5,6})", ["10/1", "20/4", "5/6"]],
    ["~LST({A,B},{1},{2,3})", ["1/", "2/3"]],
  ])("%s", (text, expected) => expect(turns(text)).toEqual(expected));

  test.each([
    ["~LST(L)", "~LST has no values"],
    ["~LST(L, x, y z)", 'the value "y z" has a blank in it'],
    ["~LST({A,B},{1},{3,4,5})", "~LST has 2 names and 3 values: {3, 4, 5}"],
    ["~LST({A,B,{1})", "braces and commas of ~LST do not match"],
  ])("%s: %s", (text, expected) => expect(complaint(text)).toBe(expected));
});

test("garbage is a problem or no sequence, never an exception", () => {
  const inside = fc.string({ unit: fc.constantFrom("A", "1", ",", "{", "}", ")", " ", "-", "0x", "(") });
  fc.assert(
    fc.property(fc.constantFrom("SEQ", "SEQx", "LST"), inside, (kind, text) => {
      const sequence = parseSequence(`~${kind}(${text}`);
      if (sequence !== null && !("message" in sequence)) expect(sequence.values(0)).toHaveLength(sequence.names.length);
    }),
  );
});
