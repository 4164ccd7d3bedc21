import type { CheckState } from "@lbctl/checkers";
import { describe, expect, test } from "vitest";
import type { VirtualServer } from "../config/model.ts";
import { keyOf } from "./check-key.ts";
import { seed } from "./seed.ts";
import { MemoryTable } from "./testing/memory-table.ts";
import {
  check,
  checkState,
  destination,
  model,
  realServer,
  service,
  sorryServer,
  virtualServer,
} from "./testing/samples.ts";

/** Health of check(1) and check(2) after seeding from this table and snapshot. */
function healths(
  virtualServers: readonly VirtualServer[],
  found: readonly ReturnType<typeof destination>[] | null,
  snapshot: readonly [number, CheckState][] | null = null,
  {
    owned = true,
    settled = ["web 10.0.0.1:80", "web 10.0.0.2:80"] as readonly string[],
    unsettled = [] as readonly string[],
  } = {},
) {
  const table = new MemoryTable();
  if (found !== null) table.apply({ kind: "new-service", service: service() });
  for (const one of found ?? []) table.apply({ kind: "new-destination", key: service().key, destination: one });
  const inheritance = {
    snapshot: snapshot && {
      checks: new Map(snapshot.map(([last, state]) => [keyOf(check(last)), state])),
      settled: new Set(settled),
      unsettled: new Set(unsettled),
    },
    table: table.entries(),
    isOwned: () => owned,
    overrides: new Map(),
  };
  const seeds = seed(model(virtualServers), inheritance, 1000);
  return [1, 2].map((last) => seeds.get(keyOf(check(last)))?.health ?? null);
}

const web = virtualServer();

describe("seed", () => {
  test("first start: nothing, alpha decides", () => {
    expect(healths([web], null)).toEqual([null, null]);
    expect(healths([web], [destination(1)], null, { owned: false })).toEqual([null, null]);
  });

  test("present is up until it fails, absent is down until it passes", () =>
    expect(healths([web], [destination(1)])).toEqual(["up", "down"]));

  test("the table is newer than the snapshot", () =>
    expect(
      healths(
        [web],
        [destination(1)],
        [
          [1, checkState("down")],
          [2, checkState("up")],
        ],
      ),
    ).toEqual(["up", "down"]));

  test("where the predecessor knew the table to lag behind, only its checks count", () =>
    expect(
      healths(
        [web],
        [destination(1)],
        [
          [1, checkState("up")],
          [2, checkState("up")],
        ],
        { settled: ["web 10.0.0.1:80"] },
      ),
    ).toEqual(["up", "up"]));

  test("one that it had settled with other checks is down until it passes those", () =>
    expect(healths([web], [], [], { settled: ["web 10.0.0.2:80"] })).toEqual([null, "down"]));

  test("what it knew to lag behind does not count, what came into the table after the snapshot does", () => {
    const down = [1, 2].map((last): [number, CheckState] => [last, checkState("down")]);
    const table = [destination(1), destination(2)];
    expect(healths([web], table, down, { settled: [], unsettled: ["web 10.0.0.1:80"] })).toEqual(["down", "up"]);
  });

  test("a service that is gone says nothing: the snapshot does", () =>
    expect(
      healths([web], null, [
        [1, checkState("down")],
        [2, checkState("up")],
      ]),
    ).toEqual(["down", "up"]));

  test("what the snapshot knows keeps its time and reason", () => {
    const inheritance = {
      snapshot: {
        checks: new Map([[keyOf(check(1)), checkState("down", 5)]]),
        settled: new Set<string>(),
        unsettled: new Set<string>(),
      },
      table: [],
      isOwned: () => true,
      overrides: new Map(),
    };
    expect(seed(model([web]), inheritance, 1000).get(keyOf(check(1)))).toEqual(checkState("down", 5));
  });

  test("while the sorry server serves, absence says nothing", () => {
    const sorry = virtualServer({ sorryServer: sorryServer(9) });
    expect(healths([sorry], [destination(9)], [[1, checkState("up")]])).toEqual(["up", null]);
    expect(healths([sorry], [destination(9, { weight: 0 })])).toEqual(["down", "down"]);
  });

  test("weight 0 is a failed one with inhibit_on_failure, otherwise a drained one", () => {
    const inhibiting = virtualServer({ realServers: [realServer(1, { inhibitOnFailure: true }), realServer(2)] });
    const idle = [destination(1, { weight: 0 }), destination(2, { weight: 0 })];
    expect(healths([inhibiting], idle)).toEqual(["down", "up"]);
    const standby = virtualServer({ realServers: [realServer(1, { inhibitOnFailure: true, weight: 0 })] });
    expect(healths([standby], idle)).toEqual(["up", null]);
  });

  test("of two checks of an absent server the one that the snapshot knows to fail is the cause", () => {
    const both = virtualServer({ realServers: [realServer(1, { checks: [check(1), check(2)] })] });
    expect(
      healths(
        [both],
        [],
        [
          [1, checkState("up")],
          [2, checkState("down")],
        ],
      ),
    ).toEqual(["up", "down"]);
    expect(
      healths(
        [both],
        [],
        [
          [1, checkState("up")],
          [2, checkState("up")],
        ],
      ),
    ).toEqual(["down", "down"]);
  });

  test("a shared check passed if one of its servers carries traffic", () => {
    const shared = virtualServer({ realServers: [realServer(1), realServer(2, { checks: [check(1)] })] });
    expect(healths([shared], [destination(1)])).toEqual(["up", null]);
  });
});
