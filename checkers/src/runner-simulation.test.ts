import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkKey } from "./check.ts";
import type { OnProbeResults, ProbeRequest } from "./engine.ts";
import { removalBoundMs } from "./removal-bound.ts";
import { CheckRunner } from "./runner.ts";
import { connectTo, httpGet, passed, refused, tcpCheck, timing, url } from "./testing/examples.ts";
import { entry, type SimulatedServer, simulate, VirtualTime } from "./testing/simulation.ts";

describe("in simulation", () => {
  const timings = fc.record({
    delayLoopMs: fc.integer({ min: 100, max: 20_000 }),
    connectTimeoutMs: fc.integer({ min: 100, max: 6000 }),
    retry: fc.nat(4),
    delayBeforeRetryMs: fc.nat(5000),
    warmupMs: fc.nat(10_000),
  });
  const checks = fc
    .array(fc.record({ timing: timings, urls: fc.nat(3), alpha: fc.boolean() }), { minLength: 1, maxLength: 6 })
    .map((list) =>
      list.map(({ timing, urls, alpha }, port) => {
        const connect = connectTo(port);
        const spec =
          urls === 0
            ? tcpCheck(connect)
            : httpGet(
                connect,
                Array.from({ length: urls }, () => url()),
              );
        return { spec, timing, alpha, logAllFailures: false };
      }),
    );
  /** Alternating times alive and dead, and how long an answer takes, per port. */
  const lives = fc.array(
    fc.record({ lengthMs: fc.array(fc.integer({ min: 50, max: 60_000 })), answerMs: fc.nat(90) }),
    {
      minLength: 6,
      maxLength: 6,
    },
  );

  function serverFrom(list: readonly { lengthMs: readonly number[]; answerMs: number }[]): SimulatedServer {
    return (port, atMs) => {
      const { lengthMs, answerMs } = list[port] as (typeof list)[number];
      let endMs = 0;
      const index = lengthMs.findIndex((length) => {
        endMs += length;
        return endMs > atMs;
      });
      return { alive: index % 2 === 0 || index === -1, answerMs };
    };
  }

  test("runs of one check never overlap and keep their distance; states change with verdicts only", () => {
    fc.assert(
      fc.property(checks, lives, fc.nat(), (list, lifetimes, seed) => {
        let random = seed;
        const { time, runner, engine, changes } = simulate(serverFrom(lifetimes), {
          random: () => {
            random = (random * 16_807 + 11) % 2_147_483_647;
            return random / 2_147_483_647;
          },
        });
        runner.configure(list.map((one) => ({ key: checkKey(one), check: one })));
        const initial = runner.states();
        time.runUntil(120_000);
        for (const one of list) {
          const runs = engine.runs.filter(({ port }) => port === one.spec.connect.port);
          expect(runs[0]?.startMs ?? 0).toBeLessThanOrEqual(one.timing.warmupMs);
          const own = changes.filter(({ key }) => key === checkKey(one));
          for (const [index, { state }] of own.entries()) {
            const next = runs[index + 1];
            if (!next) continue;
            const retries = state.failures > 0 && state.health !== "down";
            const wantedMs = retries ? one.timing.delayBeforeRetryMs : one.timing.delayLoopMs;
            const gapMs = next.startMs - (runs[index]?.endMs as number);
            expect(gapMs).toBeGreaterThanOrEqual((wantedMs * 11) / 12 - 1e-6);
            expect(gapMs).toBeLessThanOrEqual(wantedMs + 1e-6);
          }
          expect(runner.state(checkKey(one))).toEqual(own.at(-1)?.state ?? initial.get(checkKey(one)));
        }
      }),
      { numRuns: 60 },
    );
  });

  test("with an engine that repeats checks the same runs, at the same moments, come to the same", () => {
    fc.assert(
      fc.property(checks, lives, fc.array(fc.nat(100_000), { maxLength: 3 }), (list, lifetimes, interferences) => {
        const outcomeOf = (repeats: boolean) => {
          const { time, runner, engine, changes } = simulate(serverFrom(lifetimes), { repeats });
          const entries = list.map((one) => ({ key: checkKey(one), check: one }));
          runner.configure(entries);
          // Checks that are run at once, that leave, and that come back.
          for (const [nth, atMs] of interferences.toSorted((a, b) => a - b).entries()) {
            time.runUntil(atMs);
            runner.runNow(entries.slice(nth).map(({ key }) => key));
            runner.configure(entries.filter((_, index) => index !== nth));
          }
          time.runUntil(120_000);
          const runs = engine.runs.map(({ port, startMs, endMs }) => ({ port, startMs, endMs }));
          const transitions = changes.flatMap(({ key, transition, atMs }) =>
            transition ? [{ key, transition, atMs }] : [],
          );
          const text = (rows: readonly object[]) => rows.map((row) => JSON.stringify(row)).toSorted();
          return { runs: text(runs), transitions: text(transitions), states: Object.fromEntries(runner.states()) };
        };
        expect(outcomeOf(true)).toEqual(outcomeOf(false));
      }),
      { numRuns: 60 },
    );
  });

  test("a server that dies while up is down within the published bound, whenever it dies", () => {
    fc.assert(
      fc.property(
        checks,
        fc.integer({ min: 10_500, max: 90_000 }),
        fc.nat(90),
        fc.boolean(),
        (list, diesMs, answerMs, repeats) => {
          const { time, runner, changes } = simulate((_, atMs) => ({ alive: atMs <= diesMs, answerMs }), { repeats });
          runner.configure(list.map((one) => ({ key: checkKey(one), check: one })));
          time.runUntil(400_000);
          for (const one of list) {
            const down = changes.find(({ key, transition }) => key === checkKey(one) && transition?.to === "down");
            expect((down?.atMs as number) - diesMs).toBeLessThanOrEqual(removalBoundMs(one) + 1e-6);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test("the order of the list and of the results within a batch does not matter", () => {
    const script = fc.array(fc.array(fc.constantFrom(passed, refused), { minLength: 4, maxLength: 4 }), {
      maxLength: 8,
    });
    const orders = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 });
    fc.assert(
      fc.property(script, orders, orders, (rounds, listOrder, resultOrder) => {
        const statesAfter = (list: readonly number[], results: readonly number[]) => {
          let report: OnProbeResults = () => {};
          let batch: readonly ProbeRequest[] = [];
          const time = new VirtualTime();
          const runner = new CheckRunner({
            createEngine: (onResults) => {
              report = onResults;
              return {
                start: (requests) => {
                  batch = [...batch, ...requests];
                },
                cancel: () => {},
                close: () => {},
              };
            },
            now: time.now,
            random: () => 0,
            setTimer: time.setTimer,
            onChanges: () => {},
          });
          runner.configure(list.map((port) => entry(port, { timing: timing({ delayBeforeRetryMs: 6000 }) })));
          for (const round of rounds) {
            time.runUntil(time.nowMs + 7000);
            const current = batch;
            batch = [];
            expect(current).toHaveLength(4);
            const ofPort = (port: number) => current.find(({ spec }) => spec.connect.port === port) as ProbeRequest;
            report(results.map((port) => ({ id: ofPort(port).id, verdict: round[port] as typeof passed })));
          }
          return Object.fromEntries(runner.states());
        };
        expect(statesAfter(listOrder, resultOrder)).toEqual(statesAfter([0, 1, 2, 3], [0, 1, 2, 3]));
      }),
    );
  });
});
