import { canMakeNamespaces } from "ipvs-netlink/testing";
import { expect, test } from "vitest";
import { encodeAdvert, encodedBytes } from "../../../src/vrrp/packet/encode-advert.ts";
import { multicastMac } from "../../../src/vrrp/packet/mac-address.ts";
import { captureSettings } from "../../../src/vrrp/packet/testing/settings.ts";
import { until } from "../../e2e/lbctl.ts";
import { globals, instanceText } from "./instance-text.ts";
import type { VrrpRouter } from "./routers.ts";
import { inScene, type Scene } from "./scene.ts";
import { sendFrame } from "./send-frame.ts";
import type { Frame, WireCapture } from "./wire-capture.ts";

// Gratuitous ARP and unsolicited neighbour advertisements of lbctl and of keepalived, each alone on an Ethernet like the other's, under
// one configuration. Counts and orders are compared, and that nothing comes too soon; never that something comes soon enough.

const mac = "02:00:00:00:00:01";
const slackS = 0.05;

const announcementFields = [
  ...["frame.time_epoch", "frame.len", "eth.src", "eth.dst", "arp.hw.type", "arp.proto.type", "arp.opcode"],
  ...["arp.src.hw_mac", "arp.src.proto_ipv4", "arp.dst.hw_mac", "arp.dst.proto_ipv4"],
  ...["ipv6.src", "ipv6.dst", "ipv6.hlim", "ipv6.tclass", "ipv6.flow", "icmpv6.code", "icmpv6.checksum.status"],
  ...["icmpv6.nd.na.flag", "icmpv6.nd.na.target_address", "icmpv6.opt.type", "icmpv6.opt.linkaddr", "_ws.malformed"],
];

interface Announcement {
  readonly address: string;
  readonly atS: number;
  /** All that is in the frame. */
  readonly frame: Frame;
}

const filter =
  "(arp.src.proto_ipv4 == arp.dst.proto_ipv4 or icmpv6.type == 136) and !(arp.src.proto_ipv4 == 203.0.113.255)";

async function announced(capture: WireCapture): Promise<Announcement[]> {
  const frames = await capture.frames(filter, announcementFields);
  return frames.map(({ "frame.time_epoch": time = "", ...frame }) => {
    const address = frame["arp.src.proto_ipv4"] || frame["icmpv6.nd.na.target_address"] || "";
    return { address, atS: Number(time), frame };
  });
}

const of = (addresses: readonly string[], all: readonly Announcement[]) =>
  all.filter(({ address }) => addresses.includes(address));
/** Without their times. */
const framesOf = (addresses: readonly string[], all: readonly Announcement[]) =>
  of(addresses, all).map(({ frame }) => frame);
const order = (addresses: readonly string[], all: readonly Announcement[]) =>
  of(addresses, all).map(({ address }) => address);

const flagsOf = ({ frame }: Announcement) => frame["icmpv6.nd.na.flag"] || [];

/** Least time between two that follow each other. */
function leastGapS(all: readonly Announcement[]): number {
  const times = all.map(({ atS }) => atS).sort((one, other) => one - other);
  return Math.min(...times.slice(1).map((time, index) => time - (times[index] as number)));
}

/** An advert of a router of priority 1, as a frame. */
function inferiorAdvert(name: Name): Buffer {
  const settings = {
    ...captureSettings.v3,
    ...{ virtualRouterId: virtualRouterIdOf(name), addresses: addressesOf(name), source: "192.0.2.9", advertMs: 1_000 },
  };
  const frame = Buffer.alloc(14 + encodedBytes(settings));
  frame.set(multicastMac(Uint8Array.of(224, 0, 0, 18)));
  frame.set([2, 0, 0, 0, 0, 9, 8, 0], 6);
  encodeAdvert(frame, 14, settings, 1);
  return frame;
}

/** What an ARP says of an address, to be found in captures: it asks all for it, and is sent by it. */
const arpOf = (address: string) => {
  const octets = Buffer.from(address.split(".").map(Number));
  return Buffer.concat([octets, Buffer.alloc(6, 0xff), octets]);
};

interface Case {
  /** Lines of virtual_ipaddress. */
  readonly addresses: readonly string[];
  readonly excluded?: readonly string[];
  readonly lines?: readonly string[];
}

const once = ["garp_master_repeat 1", "garp_master_delay 0"];

/** By the names of their instances, whose virtual router ids begin with 51. */
const cases = {
  VI_ROUNDS: {
    addresses: ["192.0.2.50/24", "192.0.2.51/24"],
    excluded: ["192.0.2.52/24", "fe80::52/64"],
    lines: ["garp_master_repeat 2", "garp_master_delay 2"],
  },
  VI_SIX: {
    addresses: ["fe80::53/64", "2001:db8::53/64"],
    lines: ["garp_master_repeat 3", "garp_master_delay 2"],
  },
  VI_MIN_GARP: { addresses: ["192.0.2.54/24"] },
  VI_VMAC: { addresses: ["192.0.2.55/24"], lines: ["use_vmac", ...once] },
  VI_VMAC_SIX: { addresses: ["fe80::56/64"], lines: ["use_vmac", ...once] },
  VI_RIVAL: {
    addresses: ["192.0.2.57/24"],
    lines: ["garp_master_repeat 2", "garp_master_delay 6", "garp_lower_prio_repeat 3", "garp_lower_prio_delay 1"],
  },
  VI_QUIET: { addresses: ["192.0.2.58/24"], lines: [...once, "garp_lower_prio_repeat 0"] },
  VI_REFRESH: {
    addresses: ["192.0.2.59/24"],
    excluded: ["fe80::59/64"],
    lines: [...once, "garp_master_refresh 1", "garp_master_refresh_repeat 2"],
  },
  // On eth1 and eth2, which share the intervals of a garp_group. Once: of more at a pace keepalived 2.2.7 leaves some out.
  VI_PACED: {
    addresses: ["198.51.100.50/24 dev eth1", "203.0.113.50/24 dev eth2", "198.51.100.51/24 dev eth1"],
    excluded: ["2001:db8:1::50/64 dev eth1", "2001:db8:2::50/64 dev eth2", "203.0.113.51/24 dev eth2"],
    lines: ["garp_master_repeat 1", "garp_master_delay 4"],
  },
} satisfies Record<string, Case>;

type Name = keyof typeof cases;
const names = Object.keys(cases) as Name[];
const virtualRouterIdOf = (name: Name) => 51 + names.indexOf(name);

function addressesOf(name: Name): string[] {
  const { addresses, excluded = [] }: Case = cases[name];
  return [...addresses, ...excluded].map((line) => line.replace(/\/.*/, ""));
}

function config(): string {
  const group = "garp_group {\n  garp_interval 0.3\n  gna_interval 0.2\n  interfaces {\n    eth1\n    eth2\n  }\n}\n";
  const instances = names.map((name) => {
    const { addresses, excluded = [], lines = [] }: Case = cases[name];
    const beside = excluded.length > 0 ? ["virtual_ipaddress_excluded {", ...excluded, "}"] : [];
    const virtualRouterId = virtualRouterIdOf(name);
    return instanceText({ name, addresses, priority: 100, virtualRouterId, lines: [...lines, ...beside] });
  });
  return globals("vrrp_min_garp") + group + instances.join("");
}

/** A router with the same MAC as any other, that forwards IPv6 on eth0, and whose eth2 is on the Ethernet of eth1. */
function prepare({ ethernet }: Scene): void {
  const r1 = ethernet.node("r1");
  r1.ip(`link set eth0 address ${mac}`);
  r1.run("sysctl", "-qw", "net.ipv6.conf.eth0.forwarding=1");
  ethernet.switch.ip(`link add r1_eth2 type veth peer name eth2 netns ${r1.namespace}`);
  ethernet.switch.ip("link set r1_eth2 master eth1 up");
  r1.ip("link set eth2 addrgenmode none up");
  // Of interfaces to come, as all.forwarding would have it.
  r1.run("sysctl", "-qw", "net.ipv6.conf.default.forwarding=1");
}

interface Heard {
  readonly eth0: readonly Announcement[];
  readonly eth1: readonly Announcement[];
}

/** What lbctl and keepalived announce until the last round of each is over. */
async function heardOf(ours: Scene, theirs: Scene): Promise<readonly [Heard, Heard]> {
  const scenes = [ours, theirs];
  scenes.forEach(prepare);
  const captures = await Promise.all(
    scenes.map(async (scene) => ({ eth0: await scene.capture("eth0"), eth1: await scene.capture("eth1") })),
  );
  const beMaster = async (scene: Scene, { log }: VrrpRouter, told: RegExp) => {
    await until("every instance is master", () => (log().match(told)?.length ?? 0) >= names.length, log);
    for (const name of ["VI_RIVAL", "VI_QUIET"] as const)
      sendFrame(scene.ethernet.switch, "eth0", inferiorAdvert(name));
  };
  await Promise.all([
    ours.lbctl("r1", config()).then((router) => beMaster(ours, router, /backup -> master/g)),
    theirs.keepalived("r1", config()).then((router) => beMaster(theirs, router, /Entering MASTER STATE/g)),
  ]);
  // The last of each that takes its time.
  const last = { "192.0.2.57": 2 + 3 + 3 + 2, "192.0.2.59": 1 + 2 * 4, "203.0.113.51": 2 };
  for (const [address, times] of Object.entries(last)) {
    for (const { eth0, eth1 } of captures) {
      const captured = () => eth0.times(arpOf(address)) + eth1.times(arpOf(address)) >= times;
      await until(`${address} is announced ${times} times`, captured);
    }
  }
  const heard = await Promise.all(
    captures.map(async ({ eth0, eth1 }): Promise<Heard> => {
      const [front, back] = await Promise.all([announced(eth0), announced(eth1)]);
      return { eth0: front, eth1: back };
    }),
  );
  return heard as [Heard, Heard];
}

test.skipIf(!canMakeNamespaces)(
  "announcements: the same frames as keepalived's, as often and in the same order",
  () => {
    const options = { nodes: ["r1"], addresses: [] } as const;
    return inScene(options, (ours) =>
      inScene(options, async (theirs) => {
        const both = await heardOf(ours, theirs);
        const [one, other] = both;
        const always: readonly Name[] = names.filter((name) => name !== "VI_REFRESH" && name !== "VI_PACED");
        for (const name of always) {
          expect(framesOf(addressesOf(name), one.eth0), name).toEqual(framesOf(addressesOf(name), other.eth0));
        }
        const times = (name: Name) => of(addressesOf(name), one.eth0).map(({ atS }) => atS);
        expect(times("VI_ROUNDS")).toHaveLength(2 * 2 * 4);
        expect(times("VI_SIX")).toHaveLength(2 * 3 * 2);
        expect(times("VI_MIN_GARP")).toHaveLength(1);
        // The inferior advert takes nothing of the second round away.
        expect(times("VI_RIVAL")).toHaveLength(2 + 3 + 3 + 2);
        expect(times("VI_QUIET")).toHaveLength(1);
        expect(framesOf(addressesOf("VI_VMAC"), one.eth0)).toMatchObject([{ "eth.src": "00:00:5e:00:01:36" }]);
        const virtual = "00:00:5e:00:02:37";
        const vmac = framesOf(addressesOf("VI_VMAC_SIX"), one.eth0);
        expect(vmac).toMatchObject([{ "eth.src": virtual, "icmpv6.opt.linkaddr": virtual }]);
        // Of a router, that override what neighbours know (RFC 4861 section 4.4); on eth1 it is none.
        const flags = ({ eth0, eth1 }: Heard) => [eth0, eth1].map((all) => new Set(all.flatMap(flagsOf)));
        for (const heard of both) expect(flags(heard)).toEqual([new Set(["0xa0000000"]), new Set(["0x20000000"])]);

        // The kernel's own answers say the same.
        const forwarding = `/proc/sys/net/ipv6/conf/vrrp.${virtualRouterIdOf("VI_VMAC_SIX")}/forwarding`;
        expect(ours.node("r1").run("cat", forwarding)).toBe("1\n");

        const since = (name: Name, from: number, to: number) => {
          const all = times(name);
          return (all[to] ?? Number.NaN) - (all[from] ?? Number.NaN);
        };
        expect(since("VI_ROUNDS", 0, 8)).toBeGreaterThan(2 - slackS);
        expect(since("VI_RIVAL", 2, 5)).toBeGreaterThan(1 - slackS);
        expect(since("VI_RIVAL", 0, 8)).toBeGreaterThan(6 - slackS);
        expect(since("VI_REFRESH", 0, 2)).toBeGreaterThan(1 - slackS);
        // Once, and twice each time; how often until the end is a matter of time.
        const refreshed = ({ eth0 }: Heard) => framesOf(addressesOf("VI_REFRESH"), eth0).slice(0, 2 + 2 * 4);
        expect(refreshed(one)).toHaveLength(2 + 2 * 4);
        expect(refreshed(one)).toEqual(refreshed(other));

        const paced = addressesOf("VI_PACED");
        for (const [addresses, intervalS] of [
          [paced.filter((address) => address.includes(".")), 0.3],
          [paced.filter((address) => address.includes(":")), 0.2],
        ] as const) {
          // Twice each.
          expect(order(addresses, one.eth1)).toEqual([...addresses, ...addresses]);
          expect(order(addresses, other.eth1)).toEqual([...addresses, ...addresses]);
          expect(leastGapS(of(addresses, one.eth1))).toBeGreaterThan(intervalS - slackS);
        }
      }),
    );
  },
);
