import { describe, expect, test } from "vitest";
import { afterCount, afterDelay, firstQuorum, type Quorum } from "./process-quorum.ts";

const quorum = (some: Partial<Quorum> = {}): Quorum => ({
  ...{ quorum: 1, quorumMax: null, forkDelayMs: 0, terminateDelayMs: 0 },
  ...some,
});

describe("the quorum of processes", () => {
  test("decides at once without delays", () => {
    const one = quorum();
    const down = firstQuorum(0, one);
    expect(down.value).toBe("down");
    const up = afterCount(down, 1, 0, one);
    expect(up.value).toBe("up");
    expect(afterCount(up, 0, 0, one).value).toBe("down");
    expect(afterCount(up, 1, 0, one)).toBe(up);
  });

  test("has a greatest number, which may be none", () => {
    const two = quorum({ quorumMax: 2 });
    expect([0, 1, 2, 3].map((count) => firstQuorum(count, two).value)).toEqual(["down", "up", "up", "down"]);
    const none = quorum({ quorum: 0, quorumMax: 0 });
    expect([0, 1].map((count) => firstQuorum(count, none).value)).toEqual(["up", "down"]);
  });

  test("a restart that is over before terminate_delay is not seen", () => {
    const patient = quorum({ terminateDelayMs: 500, forkDelayMs: 200 });
    const waiting = afterCount(firstQuorum(1, patient), 0, 1000, patient);
    expect(waiting).toEqual({ value: "up", count: 0, changesAtMs: 1500 });
    expect(afterCount(waiting, 1, 1300, patient)).toEqual({ value: "up", count: 1, changesAtMs: null });
    const down = afterDelay(waiting, patient);
    expect(down).toEqual({ value: "down", count: 0, changesAtMs: null });
    expect(afterCount(down, 1, 2000, patient)).toEqual({ value: "down", count: 1, changesAtMs: 2200 });
  });

  test("fork_delay is the patience with too many; the time runs from the first of them", () => {
    const single = quorum({ quorumMax: 1, forkDelayMs: 300 });
    const waiting = afterCount(firstQuorum(1, single), 2, 0, single);
    expect(waiting.changesAtMs).toBe(300);
    expect(afterCount(waiting, 3, 100, single)).toEqual({ value: "up", count: 3, changesAtMs: 300 });
    expect(afterCount(waiting, 1, 200, single).changesAtMs).toBeNull();
  });
});
