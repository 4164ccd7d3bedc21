import { describe, expect, test } from "vitest";
import { backoffMs } from "./backoff.ts";
import { Refusals } from "./refusals.ts";
import { destination, service } from "./testing/samples.ts";

const key = service().key;
const text = "TCP 192.0.2.1:80";
const create = { kind: "new-service", service: service() } as const;
const add = { kind: "new-destination", key, destination: destination(1) } as const;
const at = (monotonicMs: number) => ({ monotonicMs, epochMs: 5_000 + monotonicMs });
const cause = { errno: "EINVAL", message: "no" };

test("backoff: 1 s doubling to 60 s", () =>
  expect([1, 2, 3, 6, 7, 8, 1_000].map(backoffMs)).toEqual([1_000, 2_000, 4_000, 32_000, 60_000, 60_000, 60_000]));

describe("Refusals", () => {
  test("holds this very operation until its next attempt", () => {
    const refusals = new Refusals();
    expect(refusals.holds(add, at(0))).toBe(false);
    refusals.record(add, cause, at(0));
    expect(refusals.holds(structuredClone(add), at(999))).toBe(true);
    expect(refusals.holds(add, at(1_000))).toBe(false);
    expect(refusals.holds({ ...add, destination: destination(1, { weight: 0 }) }, at(10))).toBe(false);
    expect(refusals.holds({ ...add, destination: destination(2) }, at(10))).toBe(false);
  });

  test("is news once, and again for another reason", () => {
    const refusals = new Refusals();
    expect(refusals.record(add, cause, at(0))).toMatchObject({
      isNew: true,
      refusal: { attempts: 1, sinceEpochMs: 5_000 },
    });
    expect(refusals.record(add, cause, at(9))).toMatchObject({
      isNew: false,
      refusal: { attempts: 2, sinceEpochMs: 5_000 },
    });
    expect(refusals.record(add, { errno: "EPERM", message: "" }, at(9)).isNew).toBe(true);
  });

  test("ends with the difference, and says how long it lasted", () => {
    const refusals = new Refusals();
    refusals.record(create, cause, at(0));
    refusals.record(add, cause, at(0));
    expect(refusals.keepOnly(text, new Set([text]), at(70))).toMatchObject([
      { refusal: { object: `${text} -> 10.0.0.1:80` }, lastedMs: 70 },
    ]);
    expect(refusals.list()).toHaveLength(1);
    refusals.keepOnly(text, new Set(), at(80));
    expect(refusals.services()).toEqual([]);
  });

  test("knows what is due next; a new configuration makes all of it due", () => {
    const refusals = new Refusals();
    expect(refusals.nextRetryMonotonicMs()).toBeNull();
    refusals.record(add, cause, at(100));
    expect(refusals.nextRetryMonotonicMs()).toBe(1_100);
    expect(refusals.due(at(1_099))).toEqual([]);
    expect(refusals.due(at(1_100))).toEqual([text]);
    refusals.retryNow();
    expect(refusals.holds(add, at(100))).toBe(false);
  });
});
