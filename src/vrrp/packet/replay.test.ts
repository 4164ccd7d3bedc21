import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { admitSequence, type ReplayState } from "./replay.ts";
import { isAfter, nextSequence, type Sequence, sequenceOfClock } from "./sequence.ts";

const nowMs = 1_795_214_385_000;
const monotonic = { antiReplay: "monotonic", timeWindowMs: 5000, capacity: 3 } as const;
const time = { ...monotonic, antiReplay: "time" } as const;

function admitAll(entries: readonly (readonly [source: string, atMs: number])[]): ReplayState {
  let state: ReplayState = [];
  for (const [source, atMs] of entries) {
    const verdict = admitSequence(state, source, sequenceOfClock(atMs), nowMs, monotonic);
    if (!verdict.ok) throw new Error(verdict.kind);
    state = verdict.state;
  }
  return state;
}

describe("a sequence", () => {
  test("counts once, for each sender by itself", () => {
    const state = admitAll([
      ["192.0.2.1", nowMs],
      ["192.0.2.2", nowMs - 5],
    ]);
    for (const atMs of [nowMs, nowMs - 1]) {
      expect(admitSequence(state, "192.0.2.1", sequenceOfClock(atMs), nowMs, monotonic)).toEqual({
        ok: false,
        kind: "hmac-replayed",
      });
    }
    expect(admitSequence(state, "192.0.2.1", sequenceOfClock(nowMs + 1), nowMs, monotonic).ok).toBe(true);
    expect(admitSequence(state, "192.0.2.2", sequenceOfClock(nowMs - 4), nowMs, monotonic).ok).toBe(true);
  });

  test("of a time when all clocks were ahead is forgotten when they are right again; not with monotonic", () => {
    const dayMs = 86_400_000;
    const ahead = admitSequence([], "192.0.2.1", sequenceOfClock(nowMs + dayMs), nowMs + dayMs, time);
    if (!ahead.ok) throw new Error(ahead.kind);
    expect(admitSequence(ahead.state, "192.0.2.1", sequenceOfClock(nowMs), nowMs, time).ok).toBe(true);
    expect(admitSequence(ahead.state, "192.0.2.1", sequenceOfClock(nowMs), nowMs, monotonic).ok).toBe(false);
  });

  test("outside the window does not count with time, however new; does with monotonic", () => {
    for (const aheadMs of [5001, -5001]) {
      const sequence = sequenceOfClock(nowMs + aheadMs);
      expect(admitSequence([], "192.0.2.1", sequence, nowMs, time)).toEqual({
        ok: false,
        kind: "hmac-outside-window",
        aheadMs: expect.closeTo(aheadMs, -1),
      });
      expect(admitSequence([], "192.0.2.1", sequence, nowMs, monotonic).ok).toBe(true);
    }
    for (const aheadMs of [4999, -4999]) {
      expect(admitSequence([], "192.0.2.1", sequenceOfClock(nowMs + aheadMs), nowMs, time).ok).toBe(true);
    }
  });

  test("of an honest sender counts the first time and no other, whatever is lost or doubled and however its clock is set", () => {
    const deliveries = fc.constantFrom("once" as const, "twice" as const, "lost" as const, "late again" as const);
    const steps = fc.array(fc.tuple(fc.integer({ min: -1000, max: 1500 }), deliveries), { minLength: 1 });
    fc.assert(
      fc.property(steps, fc.constantFrom(time, monotonic), (given, rules) => {
        let state: ReplayState = [];
        let previous: Sequence | null = null;
        let senderMs = nowMs;
        const heard: Sequence[] = [];
        for (const [step, delivery] of given) {
          // Within half the window of the receiver's clock, which stands still.
          senderMs = Math.min(Math.max(senderMs + step, nowMs - 2400), nowMs + 2400);
          const sequence: Sequence = nextSequence(previous, senderMs, rules);
          previous = sequence;
          if (delivery === "lost") continue;
          const verdict = admitSequence(state, "a", sequence, nowMs, rules);
          if (!verdict.ok) throw new Error(verdict.kind);
          state = verdict.state;
          heard.push(sequence);
          const again = delivery === "twice" ? sequence : delivery === "late again" ? heard[0] : undefined;
          if (again !== undefined) expect(admitSequence(state, "a", again, nowMs, rules).ok).toBe(false);
        }
      }),
    );
  });

  test("of the sender unheard for longest is forgotten", () => {
    const state = admitAll([
      ["a", nowMs],
      ["b", nowMs],
      ["c", nowMs],
      ["a", nowMs + 1],
      ["d", nowMs],
    ]);
    expect(state.map(({ source }) => source)).toEqual(["d", "a", "c"]);
  });

  test("never goes back for a sender that is remembered", () => {
    const offers = fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.integer({ min: -9000, max: 9000 })));
    fc.assert(
      fc.property(offers, fc.constantFrom(time, monotonic), (given, rules) => {
        let state: ReplayState = [];
        for (const [source, aheadMs] of given) {
          const verdict = admitSequence(state, source, sequenceOfClock(nowMs + aheadMs), nowMs, rules);
          if (!verdict.ok) continue;
          for (const before of state) {
            const after = verdict.state.find((sender) => sender.source === before.source);
            expect(after).toBeDefined();
            if (after !== undefined && after !== before) expect(isAfter(after.sequence, before.sequence)).toBe(true);
          }
          state = verdict.state;
        }
      }),
    );
  });
});
