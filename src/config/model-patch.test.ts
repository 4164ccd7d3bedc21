import { deserialize, serialize } from "node:v8";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultIpvsSettings } from "./ipvs-model.ts";
import type { Model, VirtualServer } from "./model.ts";
import { patched, patchOf } from "./model-patch.ts";
import { defaultNotifySettings } from "./notify-model.ts";
import { defaultProcessSettings } from "./process-model.ts";

const globalDefs = {
  routerId: null,
  reconcileIntervalMs: 10_000,
  checkerLogAllFailures: false,
  notify: defaultNotifySettings,
  ipvs: defaultIpvsSettings,
  process: defaultProcessSettings,
};

function virtualServer(name: string, quorum: number, weights: readonly number[]): VirtualServer {
  return {
    name,
    group: null,
    services: [
      {
        key: { kind: "address", protocol: "TCP", address: "192.0.2.1", port: 80 },
        scheduler: "rr",
        schedulerFlags: [],
        persistence: null,
        onePacket: false,
      },
    ],
    lvsMethod: "NAT",
    tunnel: null,
    quorum,
    hysteresis: 0,
    sorryServer: null,
    notify: null,
    realServers: weights.map((weight, index) => ({
      destination: {
        address: `10.0.0.${index}`,
        port: 80,
        method: "NAT",
        weight,
        upperThreshold: 0,
        lowerThreshold: 0,
        tunnel: null,
      },
      inhibitOnFailure: false,
      notify: null,
      checks: [],
    })),
  };
}

const models: fc.Arbitrary<Model> = fc
  .uniqueArray(fc.tuple(fc.constantFrom("a", "b", "c", "d", "e"), fc.nat(2), fc.array(fc.nat(2), { maxLength: 3 })), {
    selector: ([name]) => name,
  })
  .map((servers) => ({ globalDefs, virtualServers: servers.map((server) => virtualServer(...server)) }));

/** As a message between processes does it. */
const sent = <T>(data: T): T => deserialize(serialize(data)) as T;

describe("a patch", () => {
  test("makes the next model of the base, and keeps the objects of what is unchanged", () => {
    fc.assert(
      fc.property(models, models, (base, next) => {
        const result = patched(base, sent(patchOf(base, sent(next))));
        expect(result).toEqual(next);
        for (const made of result.virtualServers) {
          const old = base.virtualServers.find(({ name }) => name === made.name);
          const isSame = old !== undefined && JSON.stringify(old) === JSON.stringify(made);
          expect(made === old).toBe(isSame);
        }
      }),
    );
  });

  test("holds one virtual server when one weight of many changed", () => {
    const servers = Array.from({ length: 100 }, (_, index) => virtualServer(`vs${index}`, 1, [1, 1]));
    const base: Model = { globalDefs, virtualServers: servers };
    const changed = virtualServer("vs7", 1, [1, 2]);
    const next: Model = { globalDefs, virtualServers: sent(servers).with(7, changed) };
    const { virtualServers } = patchOf(base, next);
    expect(virtualServers.filter((server) => typeof server !== "number")).toEqual([changed]);
  });

  test("of another base is refused", () => {
    const base: Model = { globalDefs, virtualServers: [] };
    expect(() => patched(base, { globalDefs, virtualServers: [3] })).toThrow("no virtual server 3");
  });
});
