import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ControlPacket, sessionStates } from "../packet/control-packet.ts";
import { controlPackets } from "../packet/testing/arbitraries.ts";
import type { Action } from "./action.ts";
import { describeChange } from "./describe.ts";
import type { SessionEvent } from "./event.ts";
import {
  desiredMinTxUs,
  detectionTimeUs,
  dueMs,
  newSession,
  type Session,
  type SessionSettings,
  txIntervalUs,
  verdictOf,
} from "./session.ts";
import { step } from "./step.ts";
import { packet, settings } from "./testing/samples.ts";

/** A session that is driven by hand; the random number is in the middle unless said otherwise. */
class Driven {
  session: Session;
  nowMs = 1000;
  random = 0.5;

  constructor(some: Partial<SessionSettings> = {}) {
    this.session = newSession(settings(some), 42, this.nowMs);
  }

  happens(event: SessionEvent): readonly Action[] {
    const { session, actions } = step(this.session, event, this.nowMs, () => this.random);
    this.session = session;
    return actions;
  }

  hears(some: Partial<ControlPacket> = {}): readonly Action[] {
    return this.happens({ type: "packet", packet: packet({ yourDiscriminator: 42, ...some }) });
  }

  tick(atMs = dueMs(this.session)): readonly Action[] {
    this.nowMs = atMs;
    return this.happens({ type: "tick" });
  }

  /** Into the up state, with the poll sequence over. */
  up(neighbour: Partial<ControlPacket> = {}): this {
    this.hears({ ...neighbour, state: "init" });
    this.hears({ desiredMinTxUs: 10_000, ...neighbour, state: "up", final: true });
    expect(this.session).toMatchObject({ state: "up", poll: "none" });
    return this;
  }
}

const sent = (actions: readonly Action[]) => actions.flatMap((each) => (each.type === "send" ? [each.packet] : []));
const changes = (actions: readonly Action[]) =>
  actions.flatMap((each) => (each.type === "changed" ? [describeChange("s", each.change)] : []));

describe("coming up", () => {
  test("speaks at once, slowly, and knows nobody", () => {
    const driven = new Driven();
    expect(sent(driven.tick())).toEqual([
      packet({ myDiscriminator: 42, multiplier: 5, desiredMinTxUs: 1_000_000, requiredMinRxUs: 10_000 }),
    ]);
    expect(driven.session.nextTxMs - driven.nowMs).toBeCloseTo(875);
  });

  test("down meets down: init, and the neighbour is told at once", () => {
    const driven = new Driven();
    const actions = driven.hears({ yourDiscriminator: 0 });
    expect(sent(actions)).toMatchObject([{ state: "init", yourDiscriminator: 77, poll: false }]);
    expect(changes(actions)).toEqual([
      "bfd s down -> init after 0 ms: the neighbour is there, and has not heard us yet",
    ]);
  });

  test.each(["init", "up"] as const)("init meets %s: up, at the configured interval, which is asked for", (state) => {
    const driven = new Driven();
    driven.hears({ yourDiscriminator: 0 });
    const actions = driven.hears({ state });
    expect(sent(actions)).toMatchObject([{ state: "up", desiredMinTxUs: 10_000, poll: true, final: false }]);
    expect(verdictOf(driven.session)).toBe("up");
    expect(driven.session.diagnostic).toBe(0);
  });

  test("down meets init: up; down meets up: nothing", () => {
    expect(changes(new Driven().hears({ state: "init" }))).toHaveLength(1);
    expect(new Driven().hears({ state: "up" })).toEqual([]);
  });

  test("a passive one says nothing before it has heard something", () => {
    const driven = new Driven({ passive: true });
    expect(driven.session.nextTxMs).toBe(Number.POSITIVE_INFINITY);
    expect(sent(driven.hears({ yourDiscriminator: 0 }))).toMatchObject([{ state: "init" }]);
    expect(driven.session.nextTxMs).toBeLessThan(Number.POSITIVE_INFINITY);
  });

  test("it counts as pending for a detection time at the slow interval, then as down", () => {
    const driven = new Driven();
    driven.tick();
    expect(verdictOf(driven.session)).toBe("pending");
    expect(driven.tick(1000 + 4999).some(({ type }) => type === "settled")).toBe(false);
    expect(driven.tick(1000 + 5000)).toContainEqual({ type: "settled" });
    expect(verdictOf(driven.session)).toBe("down");
    expect(driven.tick(1000 + 9000).some(({ type }) => type === "settled")).toBe(false);
  });
});

describe("going down", () => {
  test("silence for the neighbour's multiplier times the slower of both intervals", () => {
    const driven = new Driven({ minRxUs: 20_000 }).up({ multiplier: 3, desiredMinTxUs: 15_000 });
    expect(detectionTimeUs(driven.session)).toBe(60_000);
    const heardMs = driven.nowMs;
    expect(changes(driven.tick(heardMs + 59.9))).toEqual([]);
    const actions = driven.tick(heardMs + 60);
    expect(changes(actions)).toEqual([
      "bfd s up -> down after 60 ms: no packet of the neighbour for 60 ms, after 60 ms it counts as down",
    ]);
    expect(sent(actions)).toMatchObject([
      { state: "down", diagnostic: 1, yourDiscriminator: 0, desiredMinTxUs: 1_000_000, poll: false },
    ]);
    expect(verdictOf(driven.session)).toBe("down");
  });

  test("the neighbour says that it is down", () => {
    const driven = new Driven().up();
    const actions = driven.hears({ state: "down", diagnostic: 1 });
    expect(sent(actions)).toMatchObject([{ state: "down", diagnostic: 3, yourDiscriminator: 77 }]);
    expect(changes(actions)[0]).toContain("it has not heard us for its detection time");
  });

  test("the neighbour is taken down by its administrator, and brought back", () => {
    const driven = new Driven().up();
    expect(changes(driven.hears({ state: "admin_down", diagnostic: 7 }))[0]).toContain("administrator");
    expect(driven.session).toMatchObject({ state: "down", diagnostic: 3 });
    expect(driven.hears({ state: "admin_down", diagnostic: 7 })).toEqual([]);
    expect(changes(driven.hears({ state: "down", yourDiscriminator: 0 }))).toHaveLength(1);
  });

  test("a neighbour that says it is administratively down settles what was pending", () => {
    const driven = new Driven();
    expect(driven.hears({ state: "admin_down" })).toContainEqual({ type: "settled" });
    expect(verdictOf(driven.session)).toBe("down");
  });

  test("a silent neighbour is forgotten in every state; a passive session says nothing then", () => {
    const driven = new Driven({ passive: true });
    driven.hears({ state: "admin_down", yourDiscriminator: 0 });
    expect(driven.session.nextTxMs).toBeLessThan(Number.POSITIVE_INFINITY);
    driven.tick(driven.session.detectAtMs);
    expect(driven.session).toMatchObject({ remote: null, state: "down", nextTxMs: Number.POSITIVE_INFINITY });
  });

  test("shutdown tells the neighbour, and hears nothing any more", () => {
    const driven = new Driven().up();
    const actions = driven.happens({ type: "shutdown" });
    expect(sent(actions)).toMatchObject([{ state: "admin_down", diagnostic: 7, yourDiscriminator: 77 }]);
    expect(dueMs(driven.session)).toBe(Number.POSITIVE_INFINITY);
    expect(driven.hears({ state: "up" })).toEqual([{ type: "discarded", rejection: { kind: "admin_down" } }]);
    expect(driven.happens({ type: "shutdown" })).toEqual([]);
  });
});

describe("intervals", () => {
  test("sends at the slower of what it wants and what the neighbour takes", () => {
    expect(txIntervalUs(new Driven({ minTxUs: 50_000 }).up({ requiredMinRxUs: 10_000 }).session)).toBe(50_000);
    expect(txIntervalUs(new Driven({ minTxUs: 50_000 }).up({ requiredMinRxUs: 90_000 }).session)).toBe(90_000);
  });

  test.each([
    [5, 0.75, 1],
    [1, 0.75, 0.9],
  ])("jitter with multiplier %d is within %d and %d of the interval", (multiplier, least, most) => {
    for (const random of [0, 0.999_999]) {
      const driven = new Driven({ multiplier, minTxUs: 100_000 }).up({ desiredMinTxUs: 1_000_000 });
      driven.random = random;
      driven.tick(driven.session.nextTxMs);
      const share = (driven.session.nextTxMs - driven.nowMs) / 100;
      expect(share).toBeCloseTo(random === 0 ? least : most);
    }
  });

  test("a poll is answered at once, without one of our own in the same packet, and the rhythm stays", () => {
    const driven = new Driven().up();
    const { nextTxMs } = driven.session;
    expect(sent(driven.hears({ state: "up", poll: true }))).toMatchObject([{ final: true, poll: false }]);
    expect(driven.session.nextTxMs).toBe(nextTxMs);
  });

  test("asks with every packet until it is answered", () => {
    const driven = new Driven();
    driven.hears({ state: "init" });
    driven.hears({ state: "up" });
    expect(sent(driven.tick())).toMatchObject([{ poll: true }]);
    driven.hears({ state: "up", final: true });
    expect(sent(driven.tick())).toMatchObject([{ poll: false }]);
  });

  test("a longer sending interval counts when it is confirmed, a shorter one at once", () => {
    const driven = new Driven({ minTxUs: 50_000 }).up();
    const actions = driven.happens({ type: "reconfigure", settings: settings({ minTxUs: 200_000 }) });
    expect(sent(actions)).toMatchObject([{ poll: true, desiredMinTxUs: 200_000 }]);
    expect(txIntervalUs(driven.session)).toBe(50_000);
    driven.hears({ state: "up", final: true });
    expect(txIntervalUs(driven.session)).toBe(200_000);
    driven.happens({ type: "reconfigure", settings: settings({ minTxUs: 20_000 }) });
    expect(txIntervalUs(driven.session)).toBe(20_000);
    expect(driven.session.nextTxMs).toBeLessThanOrEqual(driven.nowMs + 20);
  });

  test("a shorter detection time counts when it is confirmed, a longer one at once", () => {
    const driven = new Driven({ minRxUs: 100_000 }).up({ multiplier: 2 });
    driven.happens({ type: "reconfigure", settings: settings({ minRxUs: 30_000 }) });
    expect(detectionTimeUs(driven.session)).toBe(200_000);
    driven.hears({ state: "up", final: true, multiplier: 2, desiredMinTxUs: 10_000 });
    expect(detectionTimeUs(driven.session)).toBe(60_000);
    driven.happens({ type: "reconfigure", settings: settings({ minRxUs: 300_000 }) });
    expect(detectionTimeUs(driven.session)).toBe(600_000);
    expect(driven.session.detectAtMs).toBe(driven.nowMs + 600);
  });

  test("an answer to the question before does not confirm what changed since", () => {
    const driven = new Driven({ minTxUs: 50_000 }).up();
    driven.happens({ type: "reconfigure", settings: settings({ minTxUs: 200_000 }) });
    driven.happens({ type: "reconfigure", settings: settings({ minTxUs: 300_000 }) });
    driven.hears({ state: "up", final: true });
    expect(driven.session.poll).toBe("sent");
    expect(txIntervalUs(driven.session)).toBe(50_000);
    driven.hears({ state: "up", final: true });
    expect(txIntervalUs(driven.session)).toBe(300_000);
  });

  test("a reload that changes nothing of the timers sends nothing", () => {
    const driven = new Driven().up();
    const before = driven.session;
    expect(driven.happens({ type: "reconfigure", settings: settings() })).toEqual([]);
    expect(driven.session).toEqual(before);
  });

  test("a min_tx above idle_tx is reached when the neighbour knows of it", () => {
    const driven = new Driven({ minTxUs: 4_000_000 });
    driven.hears({ state: "init" });
    expect(txIntervalUs(driven.session)).toBe(1_000_000);
    driven.hears({ state: "up", final: true });
    expect(txIntervalUs(driven.session)).toBe(4_000_000);
  });

  test("a neighbour that wants no packets gets none, and its polls are answered", () => {
    const driven = new Driven().up({ requiredMinRxUs: 0 });
    expect(driven.session.nextTxMs).toBe(Number.POSITIVE_INFINITY);
    expect(sent(driven.hears({ state: "up", poll: true, requiredMinRxUs: 0 }))).toMatchObject([{ final: true }]);
  });

  test("demand mode of the neighbour ends periodic packets while both are up", () => {
    const driven = new Driven().up();
    driven.hears({ state: "up", demand: true });
    expect(driven.session.nextTxMs).toBe(Number.POSITIVE_INFINITY);
    driven.hears({ state: "up" });
    expect(driven.session.nextTxMs).toBeLessThan(Number.POSITIVE_INFINITY);
  });
});

test("whatever comes in whatever order, a session stays one", () => {
  const events = fc.oneof(
    { weight: 5, arbitrary: controlPackets().map((each) => ({ type: "packet", packet: each }) as const) },
    { weight: 5, arbitrary: fc.constant({ type: "tick" } as const) },
    {
      weight: 1,
      arbitrary: fc
        .record({
          minTxUs: fc.integer({ min: 1000, max: 5_000_000 }),
          minRxUs: fc.integer({ min: 1000, max: 5_000_000 }),
          idleTxUs: fc.integer({ min: 1_000_000, max: 5_000_000 }),
          multiplier: fc.integer({ min: 1, max: 255 }),
          passive: fc.boolean(),
        })
        .map((each) => ({ type: "reconfigure", settings: each }) as const),
    },
  );
  const happenings = fc.array(fc.tuple(events, fc.double({ min: 0, max: 3000, noNaN: true })), { maxLength: 60 });
  fc.assert(
    fc.property(happenings, fc.double({ min: 0, max: 0.999, noNaN: true }), (all, random) => {
      let nowMs = 5;
      let session = newSession(settings(), 42, nowMs);
      for (const [event, laterMs] of all) {
        nowMs += laterMs;
        const before = session;
        const result = step(session, event, nowMs, () => random);
        session = result.session;
        for (const action of result.actions) {
          if (action.type === "send") {
            const { packet: out } = action;
            expect(out.poll && out.final).toBe(false);
            expect(out.myDiscriminator).toBe(42);
            expect(out.desiredMinTxUs).toBe(out.state === "up" ? session.settings.minTxUs : session.settings.idleTxUs);
          }
          if (action.type === "changed") expect(action.change.from).not.toBe(action.change.to);
        }
        expect(sessionStates).toContain(session.state);
        // What is up or coming up will end without packets; what is over is not due again in the past.
        if (session.state === "up" || session.state === "init") {
          expect(session.remote).not.toBeNull();
          expect(session.detectAtMs).toBeLessThan(Number.POSITIVE_INFINITY);
        }
        if (session.poll !== "none") expect(session.state).toBe("up");
        if (event.type === "tick") expect(dueMs(session)).toBeGreaterThanOrEqual(nowMs);
        expect(txIntervalUs(session) ?? 1).toBeGreaterThan(0);
        // Nobody is told of a change without a packet that says so.
        const isPassive = session.settings.passive && session.remote === null;
        if (before.state !== session.state && !isPassive) {
          expect(result.actions.some((each) => each.type === "send" && each.packet.state === session.state)).toBe(true);
        }
        expect(desiredMinTxUs(session)).toBeGreaterThan(0);
      }
    }),
  );
});
