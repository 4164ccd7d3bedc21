import fc from "fast-check";
import { endpointText } from "ipvs-netlink";
import { describe, expect, test } from "vitest";
import { atPort, type VirtualServer } from "../config/model.ts";
import type { VirtualServerDecision } from "./decision.ts";
import { type DesiredEntry, desired } from "./desired.ts";
import { DesiredTable } from "./desired-table.ts";
import type { Facts } from "./facts.ts";
import {
  arbitraryFinding,
  arbitraryModel,
  arbitraryOverrides,
  arbitraryVirtualServer,
  everyFinding,
  type Finding,
  factsOf,
} from "./testing/arbitrary-rules.ts";

const server = arbitraryVirtualServer(1);
const findings = fc.array(arbitraryFinding, { maxLength: 25 });

/** The decisions on one virtual server while its checks find one thing after the other. */
function* history(
  virtualServer: VirtualServer,
  found: readonly Finding[],
  overrides: Facts["overrides"],
): Generator<{ entries: readonly DesiredEntry[]; decision: VirtualServerDecision }> {
  let decision: VirtualServerDecision | null = null;
  for (let count = 0; count <= found.length; count++) {
    const next = desired(virtualServer, factsOf(found.slice(0, count), overrides), decision, count);
    decision = next.decision;
    yield next;
  }
}

describe("the table does not depend on the order in which results arrive", () => {
  test("of the whole model, in whatever order and batches, as long as no hysteresis remembers", () =>
    fc.assert(
      fc.property(
        arbitraryModel,
        everyFinding.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })),
        ),
        fc.integer({ min: 1, max: 4 }),
        arbitraryOverrides,
        (model, [all, shuffled], size, overrides) => {
          const forgetful = {
            ...model,
            virtualServers: model.virtualServers.map((each) => ({ ...each, hysteresis: 0 })),
          };
          const at = (order: readonly Finding[], batch: number) => {
            const table = new DesiredTable();
            table.configure(forgetful, factsOf([], overrides), 0);
            for (let known = 0; known < order.length; known += batch) {
              const users = order.slice(known, known + batch).flatMap(({ key }) => table.usersOfCheck(key));
              table.recompute(new Set(users), factsOf(order.slice(0, known + batch), overrides), known);
            }
            return table.entries();
          };
          expect(at(shuffled, size)).toEqual(at(all, 1));
        },
      ),
    ));

  test("with a hysteresis, the quorum is all that the past decides", () =>
    fc.assert(
      fc.property(
        server,
        everyFinding,
        findings,
        findings,
        arbitraryOverrides,
        (one, last, before, other, overrides) => {
          const [first] = [...history(one, [...before, ...last], overrides)].slice(-1);
          const [second] = [...history(one, [...other, ...last], overrides)].slice(-1);
          fc.pre(first?.decision.quorum.met === second?.decision.quorum.met);
          expect(first?.entries).toEqual(second?.entries);
        },
      ),
    ));
});

test("the quorum never changes inside the hysteresis, and always outside of it", () =>
  fc.assert(
    fc.property(server, findings, arbitraryOverrides, (one, found, overrides) => {
      let met = false;
      for (const { decision } of history(one, found, overrides)) {
        const { weightUp, needed, hysteresis } = decision.quorum;
        const lost = weightUp === 0 || weightUp < needed - hysteresis;
        const gained = weightUp >= needed + hysteresis;
        if (lost) expect(decision.quorum.met).toBe(false);
        else if (gained) expect(decision.quorum.met).toBe(true);
        else expect(decision.quorum.met).toBe(met);
        met = decision.quorum.met;
      }
    }),
  ));

test("in no service do the sorry server and others carry weight, and nobody who is down or taken out does", () =>
  fc.assert(
    fc.property(server, findings, arbitraryOverrides, (one, found, overrides) => {
      for (const { entries, decision } of history(one, found, overrides)) {
        for (const { service, destinations } of entries) {
          const port = service.key.kind === "fwmark" ? 0 : service.key.port;
          const texts = destinations.map(endpointText);
          expect(new Set(texts).size).toBe(texts.length);
          const sorry = one.sorryServer && endpointText(atPort(one.sorryServer.destination, port));
          const carrying = destinations.filter(({ weight }) => weight > 0).map(endpointText);
          if (decision.sorryServer?.inService) {
            expect(carrying).toEqual([sorry]);
            continue;
          }
          const fit = decision.realServers.flatMap(({ health, adminState, weight, reason }, index) => {
            const realServer = one.realServers[index];
            const isAlive = health !== "down" && (reason.kind !== "not_checked" || reason.countsAs === "up");
            const isFit = isAlive && adminState === "enabled" && weight > 0;
            return isFit && realServer ? [endpointText(atPort(realServer.destination, port))] : [];
          });
          expect(carrying).toEqual(fit);
        }
      }
    }),
  ));
