import { describe, expect, test } from "vitest";
import { describeSettings, differences } from "./describe-settings.ts";
import { destination, service } from "./testing/samples.ts";

const persistence = { timeoutS: 360, prefixLength: 24, engine: null };

describe("describeSettings", () => {
  test.each([
    [service(), "scheduler wrr"],
    [
      service({ scheduler: "sh", schedulerFlags: ["flag-2", "flag-1"], persistence, onePacket: true }),
      "scheduler sh, flags flag-1 flag-2, persistence 360 s /24, ops yes",
    ],
    [
      service({ persistence: { ...persistence, prefixLength: 128, engine: "sip" } }),
      "scheduler wrr, persistence 360 s /128 sip",
    ],
    [destination(1, { weight: 0 }), "weight 0, method NAT"],
    [
      destination(1, { upperThreshold: 100, lowerThreshold: 80 }),
      "weight 1, method NAT, uthreshold 100, lthreshold 80",
    ],
    [destination(1, { method: "TUN" }), "weight 1, method TUN, tunnel ipip"],
    [
      destination(1, { method: "TUN", tunnel: { type: "gue", port: 6080, checksum: "remcsum" } }),
      "weight 1, method TUN, tunnel gue port 6080 remcsum",
    ],
  ])("%#", (object, text) => expect(describeSettings(object)).toBe(text));
});

describe("differences", () => {
  test("nothing between equals, whatever the order of flags and however a plain tunnel is written", () => {
    expect(
      differences(service({ schedulerFlags: ["flag-1", "flag-2"] }), service({ schedulerFlags: ["flag-2", "flag-1"] })),
    ).toEqual([]);
    const ipip = { type: "ipip", port: 0, checksum: "none" } as const;
    expect(differences(destination(1, { method: "TUN" }), destination(1, { method: "TUN", tunnel: ipip }))).toEqual([]);
  });

  test("each setting that differs, with both values", () => {
    expect(
      differences(service({ scheduler: "rr", onePacket: true }), service({ scheduler: "wrr", persistence })),
    ).toEqual([
      { name: "scheduler", from: "rr", to: "wrr" },
      { name: "persistence", from: "none", to: "360 s /24" },
      { name: "ops", from: "yes", to: "none" },
    ]);
    expect(
      differences(
        destination(1, { weight: 1, method: "NAT" }),
        destination(1, { weight: 3, method: "TUN", upperThreshold: 9 }),
      ),
    ).toEqual([
      { name: "weight", from: "1", to: "3" },
      { name: "method", from: "NAT", to: "TUN" },
      { name: "uthreshold", from: "none", to: "9" },
      { name: "tunnel", from: "none", to: "ipip" },
    ]);
  });
});
