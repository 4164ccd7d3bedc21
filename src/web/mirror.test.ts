import { expect, test, vi } from "vitest";
import type { EventEntry } from "../control/event-log.ts";
import { Mirror, SupervisorSilent } from "./mirror.ts";
import { sampleKnown } from "./testing/sample-known.ts";
import type { Told } from "./told.ts";

const event = (seq: number): EventEntry => ({
  ...{ seq, at: "2026-01-01T00:00:00Z", event: "x", severity: "info", role: "checker", message: `${seq}` },
});

function told(change: Partial<Told> = {}): Told {
  const { view, told: rest } = sampleKnown();
  return {
    ...rest,
    view: {
      configuration: { model: view.model, generation: 1 },
      ...{ checks: [], virtualServers: [], removed: [], instances: [], refusals: [] },
      ...{ drift: view.drift, unavailable: null },
    },
    ...change,
  };
}

test("those who want to know at once share one question and its answer, which counts for a while", async () => {
  let nowMs = 0;
  const ask = vi.fn();
  const mirror = new Mirror({ ask, nowMs: () => nowMs });
  const both = [mirror.refresh(), mirror.refresh()];
  expect(ask.mock.calls).toEqual([[1]]);
  mirror.told(told({ events: [event(1), event(2)] }));
  const [first, second] = await Promise.all(both);
  expect(first).toBe(second);
  nowMs = 400;
  expect(await mirror.refresh()).toBe(first);
  expect(ask).toHaveBeenCalledTimes(1);
  nowMs = 600;
  const third = mirror.refresh();
  expect(ask.mock.calls[1]).toEqual([3]);
  mirror.told(told());
  expect(await third).not.toBe(first);
});

test("only so many events are kept", () => {
  const mirror = new Mirror({ ask: () => {}, nowMs: () => 0 });
  mirror.told(told({ events: Array.from({ length: 500 }, (_, index) => event(index + 1)) }));
  expect(mirror.events).toHaveLength(200);
  expect(mirror.events.at(-1)?.seq).toBe(500);
});

test("a supervisor that does not answer is said, and asked no second time meanwhile", async () => {
  vi.useFakeTimers();
  try {
    const ask = vi.fn();
    const mirror = new Mirror({ ask, nowMs: () => 0 });
    const silent = [mirror.refresh(), mirror.refresh()].map((each) =>
      expect(each).rejects.toBeInstanceOf(SupervisorSilent),
    );
    await vi.advanceTimersByTimeAsync(5_000);
    await Promise.all(silent);
    const later = mirror.refresh();
    expect(ask).toHaveBeenCalledTimes(1);
    mirror.told(told());
    expect((await later).view.generation).toBe(1);
  } finally {
    vi.useRealTimers();
  }
});
