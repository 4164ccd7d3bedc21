import { canMakeNamespaces } from "ipvs-netlink/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { noContext, readConfig, understand } from "../../config/parse-config.ts";
import type { VrrpInstance } from "../../config/vrrp-model.ts";
import type { AdvertSettings } from "../packet/advert.ts";
import { captureSettings } from "../packet/testing/settings.ts";
import { deaf, type OnPacket } from "./receive-socket.ts";
import { decodePacket } from "./received-packet.ts";
import { openSendSocket } from "./send-socket.ts";
import { type Station, Wire } from "./wire.ts";

/** Ours alone: others may talk on this loopback, too. */
const [vrid, other, absent] = [0, 1, 2].map((nth) => (process.pid % 250) + 1 + nth) as [number, number, number];
const loopback = { name: "lo", index: 1, life: 0 };
/** From and to this machine: no multicast goes over a loopback. */
const toSelf: AdvertSettings = { ...captureSettings.v3, source: "127.0.0.1", destination: "127.0.0.1" };

function stationOf(name: string, virtualRouterId: number, more: Partial<Station> = {}, group = ""): Station {
  const text = `global_defs {\n${group === "" ? "" : `vrrp_mcast_group4 ${group}`}\n}\nvrrp_instance ${name} {\ninterface lo\nversion 3\nvirtual_router_id ${virtualRouterId}\nvirtual_ipaddress {\n192.0.2.100\n192.0.2.101\n}\n}\n`;
  const { vrrp } = understand(readConfig(text, "x.conf", noContext), "x.conf");
  const sending = { adverts: [{ ...toSelf, virtualRouterId }], signing: null };
  return {
    ...{ instance: vrrp.instances[0] as VrrpInstance, link: loopback, sending, receiveBufferBytes: null },
    ...more,
  };
}

describe.skipIf(!canMakeNamespaces)("the sockets of adverts", () => {
  let wire: Wire;
  const errors: string[] = [];
  let readable = 0;

  beforeEach(() => {
    errors.length = 0;
    readable = 0;
    wire = new Wire({
      onReadable: () => {
        readable++;
      },
      onError: (instance, message) => errors.push(`${instance}: ${message}`),
    });
  });
  afterEach(() => wire.close());

  /** VRIDs of what has come for these. */
  const heard = (...ours: readonly number[]) => {
    const ids: number[] = [];
    for (const socket of wire.sockets) {
      const onPacket: OnPacket = (packet) => {
        const decoded = decodePacket(packet);
        if (decoded.ok && ours.includes(decoded.advert.virtualRouterId)) ids.push(decoded.advert.virtualRouterId);
      };
      socket.receive({ ...deaf, onPacket });
    }
    return ids;
  };
  const send = (...routers: readonly number[]) => {
    const failed: (string | null)[] = [];
    for (const router of routers) {
      wire.advertsOf(router)?.ready(100, 0, 0);
      wire.queue(router);
    }
    wire.flush((_, errno) => failed.push(errno));
    return failed;
  };

  test("are shared by instances of one place, told when something comes, and know who listens", async () => {
    wire.configure([stationOf("A", vrid), stationOf("B", other), stationOf("C", vrid)]);
    const [socket, ...others] = wire.sockets;
    if (socket === undefined) throw new Error(errors.join());
    expect(others).toEqual([]);
    expect([vrid, other, absent].map((id) => wire.listeners(socket, id))).toEqual([[0, 2], [1], []]);
    expect(send(0, 1)).not.toContain(expect.any(String));
    await expect.poll(() => readable).toBeGreaterThan(0);
    const ids: number[] = [];
    await expect
      .poll(() => {
        ids.push(...heard(vrid, other));
        return ids;
      })
      .toEqual([vrid, other]);
  });

  test("stay while their place is the same, and are others for another buffer or group", () => {
    const before = (stations: readonly Station[]) => {
      wire.configure(stations);
      return [...wire.sockets];
    };
    const [first] = before([stationOf("A", vrid)]);
    expect(before([stationOf("A", vrid)])).toEqual([first]);
    // More instances, other packets: the same socket.
    expect(before([stationOf("A", vrid, { sending: null }), stationOf("B", other)])[0]).toBe(first);
    const [larger] = before([stationOf("A", vrid, { receiveBufferBytes: 1 << 20 })]);
    expect(larger).not.toBe(first);
    const [grouped] = before([stationOf("A", vrid, { receiveBufferBytes: 1 << 20 }, "224.0.1.9")]);
    expect(grouped).not.toBe(larger);
    expect(grouped?.endpoint.groups).toEqual(["224.0.1.9"]);
    expect(before([])).toEqual([]);
    expect(errors).toEqual([]);
  });

  test("that cannot be opened are told, and opened when they can be", () => {
    const stations = [stationOf("A", vrid, { link: { name: "nosuch0", index: 4711, life: 0 } }), stationOf("B", other)];
    wire.configure(stations);
    expect(wire.hasFailed).toBe(true);
    expect(errors).toEqual(expect.arrayContaining([expect.stringMatching(/^A: .*nosuch0/)]));
    expect(errors.filter((each) => !each.startsWith("A: "))).toEqual([]);
    expect([...wire.sockets]).toHaveLength(1);
    // Once while it lasts.
    errors.length = 0;
    wire.configure(stations);
    expect(wire.hasFailed).toBe(true);
    expect(errors).toEqual([]);
    wire.configure([stationOf("A", vrid), stationOf("B", other)]);
    expect(wire.hasFailed).toBe(false);
  });

  test("keep what comes while nobody reads, as much as their buffer is for", () => {
    const count = 1_000;
    wire.configure([stationOf("A", vrid, { receiveBufferBytes: 4 << 20 })]);
    for (let nth = 0; nth < count; nth++) expect(send(0)).not.toContain(expect.any(String));
    expect(heard(vrid)).toHaveLength(count);
  });

  test("one that sends on an interface that is not there is refused", () => {
    const gone = { name: "nosuch0", index: 4711, life: 0 };
    expect(() => openSendSocket({ family: "inet", interface: gone })).toThrow(/SO_BINDTODEVICE/);
    expect(() => openSendSocket({ family: "inet6", interface: gone })).toThrow(/SO_BINDTODEVICE/);
  });
});
