import { describe, expect, test } from "vitest";
import { quorumMet } from "./quorum.ts";

describe("quorumMet", () => {
  const settings = { quorum: 5, hysteresis: 2 };
  test.each([
    [false, 6, false],
    [false, 7, true],
    [true, 3, true],
    [true, 2, false],
  ])("was met: %s, live weight %i: %s", (wasMet, weightUp, met) =>
    expect(quorumMet(wasMet, settings, weightUp)).toBe(met),
  );

  test("without any weight there is no quorum, however large the hysteresis", () =>
    expect(quorumMet(true, { quorum: 1, hysteresis: 5 }, 0)).toBe(false));

  test("without hysteresis the past does not matter", () => {
    for (let weight = 0; weight < 4; weight++) {
      const plain = { quorum: 2, hysteresis: 0 };
      expect(quorumMet(true, plain, weight)).toBe(quorumMet(false, plain, weight));
    }
  });
});
