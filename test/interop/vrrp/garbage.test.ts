import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { native } from "ipvs-netlink";
import { canMakeNamespaces } from "ipvs-netlink/testing";
import { describe, expect, test } from "vitest";
import type { AdvertSettings } from "../../../src/vrrp/packet/advert.ts";
import { encodeAdvert, encodedBytes } from "../../../src/vrrp/packet/encode-advert.ts";
import { captureSettings } from "../../../src/vrrp/packet/testing/settings.ts";
import * as option from "../../../src/vrrp/process/socket-options.ts";
import { until } from "../../e2e/lbctl.ts";
import type { Node } from "./ethernet.ts";
import { globals, instanceText } from "./instance-text.ts";
import { inScene } from "./scene.ts";

const vip = "192.0.2.50";
const perSecond = 500;
const headerBytes = 20;

/** Sends whole IPv4 packets to the group out of eth0 of a node, at a bounded rate. */
async function send(node: Node, packets: readonly Buffer[]): Promise<void> {
  const calls = native();
  const fd = calls.socketInNamespace(node.path, option.AF_INET, option.SOCK_RAW, option.IPPROTO_RAW);
  expect(fd).toBeGreaterThan(0);
  try {
    calls.setsockopt(fd, option.SOL_SOCKET, option.SO_BINDTODEVICE, Buffer.from("eth0\0"));
    const group = Buffer.alloc(option.SOCKADDR_BYTES.inet);
    option.writeSocketAddress(group, 0, "inet", "224.0.0.18", 0);
    const batch = perSecond / 20;
    for (let at = 0; at < packets.length; at += batch) {
      for (const packet of packets.slice(at, at + batch))
        expect(calls.sendmsg(fd, packet, group, 0)).toBeGreaterThan(0);
      await sleep(50);
    }
  } finally {
    calls.close(fd);
  }
}

function packetOf(settings: AdvertSettings, priority = 254): Buffer {
  const packet = Buffer.alloc(encodedBytes(settings));
  encodeAdvert(packet, 0, settings, priority);
  return packet;
}

const good: AdvertSettings = { ...captureSettings.v3, source: "192.0.2.3", addresses: [vip], advertMs: 1_000 };
const whole = packetOf(good);
const bits = { min: headerBytes * 8, max: whole.length * 8 - 1 };

/** Each would make any router yield if it were believed. */
const garbage: fc.Arbitrary<Buffer> = fc.oneof(
  // The checksum finds each wrong bit.
  fc.integer(bits).map((bit) => {
    const packet = Buffer.from(whole);
    packet[bit >> 3] = (packet[bit >> 3] as number) ^ (1 << (bit & 7));
    return packet;
  }),
  fc.integer({ min: headerBytes, max: whole.length - 1 }).map((length) => Buffer.from(whole.subarray(0, length))),
  fc.integer({ min: 1, max: 254 }).map((ttl) => packetOf({ ...good, ttl })),
  fc.constant(packetOf({ ...good, version: 2, advertMs: 1000 })),
  fc.constant(packetOf({ ...good, virtualRouterId: 52 })),
  // Of one octet or many, and no version of VRRP in the first.
  fc
    .uint8Array({ minLength: 1, maxLength: 1400 })
    .map((octets) => Buffer.concat([whole.subarray(0, headerBytes), Buffer.of(0x01), octets])),
);

describe.skipIf(!canMakeNamespaces)("garbage on the wire", () => {
  test("changes nothing but counters", () =>
    inScene({ nodes: ["r1", "r2", "r3"], addresses: [vip] }, async (scene) => {
      const config = (priority: number) => globals() + instanceText({ priority });
      const backup = await scene.lbctl("r2", config(100));
      const master = await scene.lbctl("r1", config(150));
      await scene.holds("r1");
      for (const [router, state] of [
        [master, "master"],
        [backup, "backup"],
      ] as const) {
        await router.becomes(state);
        await until(
          "its log says so",
          () =>
            router
              .log()
              .match(/(?<= -> )\w+/g)
              ?.at(-1) === state,
          router.log,
        );
      }
      scene.watch.begin();
      const pids = [master.vrrpPid(), backup.vrrpPid()];
      const changes = [master, backup].map(({ log }) => log().match(/ -> /g)?.length);
      const packets = fc.sample(garbage, 1_500);
      await send(scene.node("r3"), packets);
      for (const router of [master, backup]) {
        const counted = async () => {
          const { counters } = await router.instance();
          const errors = Object.entries(counters).filter(([name]) => /err|invalid|mismatch/.test(name));
          return errors.reduce((sum, [, count]) => sum + count, 0);
        };
        await until("most of them are counted", async () => (await counted()) > packets.length / 2);
      }
      expect(scene.watch.violations({ noneMs: 0, severalMs: 0 })).toEqual([]);
      expect([master.vrrpPid(), backup.vrrpPid()]).toEqual(pids);
      expect([master, backup].map(({ log }) => log().match(/ -> /g)?.length)).toEqual(changes);
      // The one good packet among them is believed.
      await send(scene.node("r3"), [whole]);
      await until("the master gives way", () => /master -> backup/.test(master.log()), master.log);
    }));
});
