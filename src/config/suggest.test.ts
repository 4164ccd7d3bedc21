import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { editDistance, nearest } from "./suggest.ts";

const keywords = ["delay_loop", "lvs_sched", "quorum", "real_server", "retry", "alpha", "ops", "weight", "port"];

describe("the word that was probably meant", () => {
  test.each([
    ["delay_lop", "delay_loop"],
    ["delayloop", "delay_loop"],
    ["DELAY-LOOP", "delay_loop"],
    ["quorom", "quorum"],
    ["wieght", "weight"],
    ["real_servers", "real_server"],
    ["prot", "port"],
    ["xyzzy", null],
    ["", null],
    ["timeout", null],
  ])("%s", (word, expected) => expect(nearest(word, keywords)).toBe(expected));

  test("two letters are not guessed from two others", () => {
    expect(nearest("xx", ["rr", "lc"])).toBeNull();
    expect(nearest("RR", ["rr", "lc"])).toBe("rr");
  });

  test("long words take no long time", () => {
    expect(nearest("x".repeat(1_000_000), keywords)).toBeNull();
  });
});

describe("edit distance", () => {
  const word = fc.string({ maxLength: 12 });

  test("is zero for equal words only, the same both ways, and at most the longer length", () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b);
        expect(distance === 0).toBe(a === b);
        expect(editDistance(b, a)).toBe(distance);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      }),
    );
  });

  test("a swap of neighbours is one change", () => {
    expect(editDistance("wieght", "weight")).toBe(1);
  });
});
