import fc from "fast-check";
import { expect } from "vitest";
import { randomOf } from "../../../testing/random.ts";
import { detectionTimeUs, type SessionSettings, txIntervalUs } from "../session.ts";
import { blackhole, type Path, perfect, World } from "./world.ts";

const timing = (passive: boolean): fc.Arbitrary<SessionSettings> =>
  fc.record({
    minTxUs: fc.integer({ min: 1000, max: 2_000_000 }),
    minRxUs: fc.integer({ min: 1000, max: 2_000_000 }),
    idleTxUs: fc.integer({ min: 1_000_000, max: 3_000_000 }),
    multiplier: fc.integer({ min: 2, max: 10 }),
    passive: passive ? fc.boolean() : fc.constant(false),
  });

/** Two neighbours, of which one speaks first. */
const pairs = fc.tuple(timing(false), timing(true));
const seeds = fc.nat();

/** Slow packets of both, one after the other, with room for jitter. */
const comeUpMs = ([one, other]: readonly [SessionSettings, SessionSettings]) =>
  (3 * Math.max(one.idleTxUs, other.idleTxUs)) / 1000;

const isUp = (world: World) => () => world.states.every((state) => state === "up");

/** Both are up and have agreed on their intervals. */
const isSettled = (world: World) => () => isUp(world)() && world.peers.every(({ session }) => session.poll === "none");

/** On a good link both come up, agree on the same detection times, and stay up. */
export function comesUpAndAgrees(numRuns: number): void {
  fc.assert(
    fc.property(pairs, seeds, (settings, seed) => {
      const world = new World(settings, randomOf(seed));
      expect(world.run(comeUpMs(settings), isUp(world))).toBe(true);
      expect(world.run(world.nowMs + 10_000, isSettled(world))).toBe(true);
      const [one, other] = world.peers;
      // What one allows the other is the other's multiplier times what the other sends at.
      for (const [us, them] of [
        [one, other],
        [other, one],
      ] as const) {
        const interval = Math.max(them.session.settings.minTxUs, us.session.settings.minRxUs);
        expect(txIntervalUs(them.session)).toBe(interval);
        expect(detectionTimeUs(us.session)).toBe(interval * them.session.settings.multiplier);
      }
      world.run(world.nowMs + 5_000);
      expect(world.states).toEqual(["up", "up"]);
      expect(world.peers.flatMap(({ changes }) => changes.filter(({ to }) => to === "down"))).toEqual([]);
      expect(world.peers.map(({ tooSoon }) => tooSoon)).toEqual([0, 0]);
    }),
    { numRuns },
  );
}

/** A link that goes dead, in one direction or both, is noticed by both within their detection times. */
export function noticesDeadLinks(numRuns: number): void {
  const dead: fc.Arbitrary<readonly [Path, Path]> = fc.constantFrom(
    [blackhole, blackhole],
    [blackhole, perfect],
    [perfect, blackhole],
  );
  fc.assert(
    fc.property(pairs, seeds, dead, (settings, seed, paths) => {
      const world = new World(settings, randomOf(seed));
      world.run(comeUpMs(settings) + 10_000, isSettled(world));
      const cutMs = world.nowMs;
      const limits = world.peers.map(({ session }) => (detectionTimeUs(session) ?? 0) / 1000);
      world.setPaths(...paths);
      // One direction: the deaf one notices and says so; where that is lost as well, the other notices by itself.
      const limitMs = Math.max(...limits) + (Math.min(...limits) + 3_100);
      expect(world.run(cutMs + limitMs, () => world.states.every((state) => state !== "up"))).toBe(true);
      for (const [index, heard] of [paths[1], paths[0]].entries()) {
        const down = world.peers[index]?.changes.find(({ atMs, to }) => to === "down" && atMs > cutMs);
        if (heard.loss === 1)
          expect((down?.atMs ?? Number.POSITIVE_INFINITY) - cutMs).toBeLessThan((limits[index] ?? 0) + 1);
      }
      world.setPaths(perfect);
      const healed = world.run(world.nowMs + comeUpMs(settings) + Math.max(...limits) + 30_000, isUp(world));
      expect(healed).toBe(true);
    }),
    { numRuns },
  );
}

/** Through loss, delay, restarts and reloads: never stuck, and up again when the link is good. */
export function recoversFromEverything(numRuns: number): void {
  const paths = fc.record({
    loss: fc.double({ min: 0, max: 0.9, noNaN: true }),
    minDelayMs: fc.constant(0.1),
    maxDelayMs: fc.double({ min: 0.2, max: 400, noNaN: true }),
  });
  const happenings = fc.array(
    fc.oneof(
      fc.record({ type: fc.constant("paths" as const), there: paths, back: paths }),
      fc.record({ type: fc.constant("restart" as const), who: fc.constantFrom(0 as const, 1 as const) }),
      fc.record({
        type: fc.constant("reload" as const),
        who: fc.constantFrom(0 as const, 1 as const),
        settings: timing(false),
      }),
    ),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(pairs, seeds, happenings, (settings, seed, all) => {
      const world = new World(settings, randomOf(seed));
      let discriminator = 1000;
      for (const each of all) {
        world.run(world.nowMs + 7_000);
        if (each.type === "paths") world.setPaths(each.there, each.back);
        else if (each.type === "restart") world.restart(each.who, ++discriminator);
        else world.happens(each.who, { type: "reconfigure", settings: each.settings });
      }
      world.setPaths(perfect);
      // What one took for up may end only when the other's old detection time is over.
      expect(world.run(world.nowMs + 60_000, isSettled(world))).toBe(true);
      const before = world.nowMs;
      world.run(before + 3_000);
      expect(world.states).toEqual(["up", "up"]);
    }),
    { numRuns },
  );
}
