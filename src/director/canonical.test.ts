import { describe, expect, test } from "vitest";
import { sameDestination, sameService } from "./canonical.ts";
import { destination, service } from "./testing/samples.ts";

describe("sameService", () => {
  const persistence = { timeoutS: 360, prefixLength: 32, engine: null };
  test.each<[string, Parameters<typeof service>[0], Parameters<typeof service>[0], boolean]>([
    ["scheduler", { scheduler: "rr" }, { scheduler: "wrr" }, false],
    ["order of flags", { schedulerFlags: ["flag-1", "flag-2"] }, { schedulerFlags: ["flag-2", "flag-1"] }, true],
    ["flags", { schedulerFlags: ["flag-1"] }, { schedulerFlags: ["flag-2"] }, false],
    ["a flag more", { schedulerFlags: ["flag-1"] }, { schedulerFlags: ["flag-1", "flag-2"] }, false],
    ["one-packet", { onePacket: true }, {}, false],
    ["persistence", { persistence }, { persistence: null }, false],
    ["persistence timeout", { persistence }, { persistence: { ...persistence, timeoutS: 1 } }, false],
    ["granularity", { persistence }, { persistence: { ...persistence, prefixLength: 24 } }, false],
    ["engine", { persistence }, { persistence: { ...persistence, engine: "sip" } }, false],
    ["no engine", { persistence }, { persistence: { ...persistence, engine: "" } }, true],
  ])("%s", (_, a, b, same) => expect(sameService(service(a), service(b))).toBe(same));
});

describe("sameDestination", () => {
  const tunnel = { type: "gue", port: 6080, checksum: "none" } as const;
  const ipip = { type: "ipip", port: 0, checksum: "none" } as const;
  test.each<[string, Parameters<typeof destination>[1], Parameters<typeof destination>[1], boolean]>([
    ["weight", { weight: 1 }, { weight: 2 }, false],
    ["thresholds", { upperThreshold: 5 }, {}, false],
    ["method", { method: "NAT" }, { method: "DR" }, false],
    ["LOCAL in place of another method", { method: "DR" }, { method: "LOCAL" }, true],
    ["LOCAL in place of a tunnel", { method: "TUN", tunnel }, { method: "LOCAL" }, true],
    ["LOCAL asked for, another found", { method: "LOCAL" }, { method: "NAT" }, false],
    ["tunnel type", { method: "TUN", tunnel }, { method: "TUN", tunnel: ipip }, false],
    ["plain tunnel of an old kernel", { method: "TUN", tunnel: ipip }, { method: "TUN", tunnel: null }, true],
  ])("%s", (_, wanted, actual, same) =>
    expect(sameDestination(destination(1, wanted), destination(1, actual))).toBe(same),
  );
});
