import { describe, expect, test } from "vitest";
import { packet } from "../machine/testing/samples.ts";
import { describeRejection } from "../packet/rejection.ts";
import { receive } from "./receive.ts";
import type { Arrival } from "./receive-endpoint.ts";
import { endpointsOf } from "./session-place.ts";
import { instance } from "./testing/samples.ts";

const near = { instance: instance(), session: { discriminator: 42 } };
const far = {
  instance: instance({ name: "far", neighbor: "198.51.100.9", source: "192.0.2.1", multihop: true, leastTtl: 0 }),
  session: { discriminator: 43 },
};
const six = {
  instance: instance({ name: "six", family: "inet6", neighbor: "2001:db8::2", leastTtl: 64 }),
  session: { discriminator: 44 },
};

function arrival(some: Partial<Arrival> = {}): Arrival {
  return {
    endpoint: { family: "inet", port: 3784 },
    source: "192.0.2.2",
    destination: "192.0.2.1",
    ttl: 255,
    decoded: { ok: true, packet: packet({ yourDiscriminator: 42, state: "up" }) },
    ...some,
  };
}

const take = (some: Partial<Arrival>) => receive([near, far, six], arrival(some));

describe("a packet counts", () => {
  test("for the session of the neighbour it comes from", () => {
    expect(take({})).toMatchObject({ to: near, verdict: { ok: true, packet: { state: "up" } } });
  });

  test("without our discriminator, from who does not know it yet", () => {
    const decoded = { ok: true, packet: packet() } as const;
    expect(take({ decoded })).toMatchObject({ to: near, verdict: { ok: true } });
  });

  test("after many hops where any number of them will do", () => {
    const decoded = { ok: true, packet: packet({ yourDiscriminator: 43 }) } as const;
    const endpoint = { family: "inet", port: 4784 } as const;
    expect(take({ source: "198.51.100.9", endpoint, ttl: 3, decoded })).toMatchObject({
      to: far,
      verdict: { ok: true },
    });
  });

  test("over IPv6 with the hop limit that keepalived sends", () => {
    const decoded = { ok: true, packet: packet({ yourDiscriminator: 44 }) } as const;
    const endpoint = { family: "inet6", port: 3784 } as const;
    expect(take({ source: "2001:db8::2", endpoint, ttl: 64, decoded }).verdict.ok).toBe(true);
    expect(take({ source: "2001:db8::2", endpoint, ttl: 63, decoded }).verdict.ok).toBe(false);
  });
});

describe("a packet does not count", () => {
  const cases: readonly [what: string, some: Partial<Arrival>, to: string | null, sentence: RegExp][] = [
    ["from a stranger", { source: "192.0.2.77" }, null, /no neighbor_ip/],
    ["after a hop", { ttl: 254 }, "peer", /254, at least 255 is wanted/],
    ["to the other port", { endpoint: { family: "inet", port: 4784 } }, "peer", /add multihop/],
    ["of single hop for a multihop session", { source: "198.51.100.9" }, "far", /is a multihop one/],
    [
      "to another address than source_ip",
      { source: "198.51.100.9", endpoint: { family: "inet", port: 4784 }, destination: "192.0.2.5" },
      "far",
      /sent to 192\.0\.2\.5/,
    ],
    [
      "for a session that was",
      { decoded: { ok: true, packet: packet({ yourDiscriminator: 41 }) } },
      "peer",
      /0x00000029 is no session/,
    ],
    ["that is none", { decoded: { ok: false, rejection: { kind: "multipoint" } } }, "peer", /multipoint/],
  ];
  test.each(cases)("%s", (_what, some, to, sentence) => {
    const received = take(some);
    expect(received.to?.instance.name ?? null).toBe(to);
    expect(received.verdict.ok ? "" : describeRejection(received.verdict.rejection)).toMatch(sentence);
  });
});

test("sessions share the sockets of their family and port", () => {
  const more = [near, far, six].map((each) => each.instance).concat(instance({ neighbor: "192.0.2.3" }));
  expect([...endpointsOf(more).keys()]).toEqual(["inet 3784", "inet 4784", "inet6 3784"]);
});
