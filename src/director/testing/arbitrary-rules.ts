import type { CheckState, Health } from "@lbctl/checkers";
import fc from "fast-check";
import type { Destination, Service } from "ipvs-netlink";
import type { Model, RealServer, VirtualServer } from "../../config/model.ts";
import { keyOf } from "../check-key.ts";
import { type Facts, noFacts, type Override, realServerKey } from "../facts.ts";
import { check, checkState, destination, model, service, sorryServer, virtualServer } from "./samples.ts";

/** Virtual servers with every rule that decides on their table, over real servers that they share; and what may become of them. */

const hosts = [1, 2, 3, 4, 5];
/** Each real server has the same checks in every virtual server. */
const checksOf = (last: number) => [
  check(last, { alpha: last === 3 }),
  ...(last % 2 === 0 ? [check(last, { port: 81 })] : []),
];
const allKeys = hosts.flatMap((last) => checksOf(last).map(keyOf));

const realServers: fc.Arbitrary<RealServer[]> = fc
  .uniqueArray(fc.record({ last: fc.constantFrom(...hosts), weight: fc.nat(4), inhibit: fc.boolean() }), {
    selector: ({ last }) => last,
    maxLength: 5,
  })
  .map((list) =>
    list.map(({ last, weight, inhibit }) => ({
      destination: destination(last, { weight }),
      inhibitOnFailure: inhibit,
      notify: null,
      checks: checksOf(last),
    })),
  );

const settings = fc.record({
  realServers,
  quorum: fc.integer({ min: 1, max: 8 }),
  hysteresis: fc.nat(3),
  // 1 to 5 are real servers, too.
  sorry: fc.option(fc.record({ last: fc.integer({ min: 1, max: 8 }), weight: fc.constant(1), inhibit: fc.boolean() })),
});

/** How a virtual server is reached and its traffic forwarded, as a kernel takes it. `at` makes its services its own. */
export type Shape = (at: number) => { readonly services: readonly Service[]; readonly to: Partial<Destination> };

const address = (at: number, port: number, protocol: "TCP" | "UDP" | "SCTP" = "TCP") =>
  ({ kind: "address", protocol, address: `192.0.2.${at}`, port }) as const;
const plainShape: Shape = (at) => ({ services: [service({ key: address(at, 80) })], to: {} });
const shapes: readonly Shape[] = [
  plainShape,
  (at) => ({
    services: [
      service({ key: address(at, 80), scheduler: "sh", schedulerFlags: ["flag-1"] }),
      service({ key: address(at, 443), scheduler: "sh", schedulerFlags: ["flag-1"] }),
      service({ key: { kind: "fwmark", family: "inet", fwmark: at }, scheduler: "sh", schedulerFlags: ["flag-1"] }),
    ],
    to: { upperThreshold: 9, lowerThreshold: 3 },
  }),
  (at) => ({
    services: [service({ key: address(at, 53, "UDP"), onePacket: true, scheduler: "mh", schedulerFlags: ["flag-2"] })],
    to: { method: "DR", port: 0 },
  }),
  (at) => ({
    services: [service({ key: address(at, 99, "SCTP"), scheduler: "wlc" })],
    to: { method: "TUN", port: 0, tunnel: { type: "gue", port: 6080, checksum: "csum" } },
  }),
  (at) => ({
    services: [
      service({ key: address(at, 80), persistence: { timeoutS: 60, prefixLength: 24, engine: null } }),
      service({ key: address(at, 81), persistence: { timeoutS: 60, prefixLength: 24, engine: null } }),
    ],
    to: { method: "DR", port: 0 },
  }),
];

/** One virtual server. Several of a model need different numbers. */
export function arbitraryVirtualServer(at: number): fc.Arbitrary<VirtualServer> {
  return fc.tuple(settings, fc.constantFrom(...shapes)).map(([rules, shape]) => {
    const { services, to } = shape(at);
    const reached = (one: Destination): Destination => ({ ...one, ...to });
    return virtualServer({
      name: `vs${at}`,
      services,
      quorum: rules.quorum,
      hysteresis: rules.hysteresis,
      realServers: rules.realServers.map((one) => ({ ...one, destination: reached(one.destination) })),
      sorryServer:
        rules.sorry === null
          ? null
          : sorryServer(rules.sorry.last, {
              inhibit: rules.sorry.inhibit,
              destination: reached(destination(rules.sorry.last)),
            }),
    });
  });
}

/** Up to four virtual servers. */
export const arbitraryModel: fc.Arbitrary<Model> = fc
  .subarray([1, 2, 3, 4])
  .chain((numbers) => fc.tuple(...numbers.map(arbitraryVirtualServer)))
  .map((virtualServers) => model(virtualServers, 3_600_000));

/** What a check has found, perhaps with a weight (misc_dynamic). */
export interface Finding {
  readonly key: string;
  readonly state: CheckState;
}

export const arbitraryFinding: fc.Arbitrary<Finding> = fc
  .record({
    key: fc.constantFrom(...allKeys),
    health: fc.constantFrom<Health>("up", "up", "down"),
    weight: fc.option(fc.nat(6), { nil: undefined }),
  })
  .map(({ key, health, weight }) => ({
    key,
    state: { ...checkState(health), ...(weight === undefined ? {} : { weight }) },
  }));

/** One of each check: everything has been checked. */
export const everyFinding: fc.Arbitrary<Finding[]> = fc
  .tuple(...allKeys.map((key) => arbitraryFinding.map(({ state }) => ({ key, state }))))
  .map((findings) => [...findings]);

/** What the operator has overridden, by `realServerKey`. */
export const arbitraryOverrides: fc.Arbitrary<ReadonlyMap<string, Override>> = fc
  .array(
    fc.record({
      at: fc.integer({ min: 1, max: 4 }),
      last: fc.constantFrom(...hosts),
      override: fc.record({
        adminState: fc.constantFrom<Override["adminState"]>("enabled", "disabled", "drained"),
        weight: fc.option(fc.nat(5)),
      }),
    }),
    { maxLength: 3 },
  )
  .map(
    (list) => new Map(list.map(({ at, last, override }) => [realServerKey(`vs${at}`, destination(last)), override])),
  );

export function factsOf(findings: readonly Finding[], overrides: Facts["overrides"] = new Map()): Facts {
  return { ...noFacts, overrides, checks: new Map(findings.map(({ key, state }) => [key, state])) };
}
