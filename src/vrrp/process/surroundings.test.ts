import type { AddressEntry } from "ipvs-netlink";
import { describe, expect, test } from "vitest";
import { noContext, readConfig, understand } from "../../config/parse-config.ts";
import type { VrrpInstance } from "../../config/vrrp-model.ts";
import { link } from "../addresses/testing/samples.ts";
import { Interfaces } from "./interfaces.ts";
import { Surroundings } from "./surroundings.ts";

function onInterface(index: number, address: string): AddressEntry {
  return {
    ...{ interface: index, address, prefixLength: 24, peer: null, scope: 0, broadcast: null, label: null },
    ...{ preferredLifetimeS: null, validLifetimeS: null, flags: [], protocol: null },
    ...{ secondary: false, tentative: false, dadFailed: false, deprecated: false, permanent: true },
  };
}

/** One instance with these settings, on a machine where `there` is what is there. */
function surroundingsOf(settings = "", globals = "", address = "192.0.2.100/24") {
  const there = { links: [link(2, "eth0")], addresses: [onInterface(2, "192.0.2.1")] };
  const interfaces = new Interfaces({
    list: () => there,
    forwardsIpv6: () => false,
    hasLink: () => null,
    setTimer: () => () => {},
    onChange: () => {},
  });
  const textOf = (vip: string) =>
    `global_defs {\n${globals}\n}\nvrrp_instance A {\ninterface eth0\nvirtual_router_id 1\n${settings}\nvirtual_ipaddress {\n${vip}\n}\n}\n`;
  const read = (vip: string) => understand(readConfig(textOf(vip), "x.conf", noContext), "x.conf").vrrp;
  const vrrp = read(address);
  const surroundings = new Surroundings(
    interfaces,
    () => null,
    () => new Set(),
  );
  surroundings.configure(vrrp);
  interfaces.refresh();
  const instance = vrrp.instances[0] as VrrpInstance;
  const faults = () => surroundings.standingOf(instance).faults.map(({ kind }) => kind);
  const waitsFor = (goesOn = false) => surroundings.waitsFor(instance, goesOn);
  const station = () => surroundings.stationOf(vrrp.instances[0] as VrrpInstance, new Map());
  /** The machine changes; whether a place on the wire did. */
  const moves = (change: (on: typeof there) => void) => {
    change(there);
    interfaces.refresh();
    return surroundings.haveMoved();
  };
  /** A reload to another address. */
  const reloads = (vip: string) => surroundings.configure(read(vip));
  const announcements = () => surroundings.announcementsOf(instance);
  return { station, moves, faults, waitsFor, interfaces, reloads, announcements };
}

describe("places on the wire", () => {
  test("are others when the interface or the source is another, and not when virtual addresses come and go", () => {
    const { station, moves, interfaces } = surroundingsOf();
    expect(moves(() => {})).toBe(true);
    expect(moves(() => {})).toBe(false);
    expect(moves(({ addresses }) => addresses.push(onInterface(2, "192.0.2.100")))).toBe(false);
    expect(moves(({ addresses }) => addresses.push(onInterface(2, "192.0.2.7")))).toBe(false);
    expect(moves(({ addresses }) => addresses.splice(1))).toBe(false);
    expect(moves(({ links }) => links.push(link(3, "eth1")))).toBe(false);
    expect(moves(({ addresses }) => addresses.splice(0, 1, onInterface(2, "192.0.2.9")))).toBe(true);
    expect(station().sending?.adverts.map(({ source }) => source)).toEqual(["192.0.2.9"]);
    // The interface is made again.
    expect(
      moves(({ links, addresses }) => {
        links.splice(0, 2, link(7, "eth0"));
        addresses.splice(0, 1, onInterface(7, "192.0.2.9"));
      }),
    ).toBe(true);
    expect(station().link).toEqual({ name: "eth0", index: 7, life: 0 });
    // And once more, with everything as it was.
    interfaces.removed([{ kind: "link-gone", link: link(7, "eth0"), by: 0 }]);
    expect(moves(() => {})).toBe(true);
    expect(moves(() => {})).toBe(false);
    expect(station().link).toEqual({ name: "eth0", index: 7, life: 1 });
  });

  test("the source is no address of another instance, and stays the one it was", () => {
    const more =
      "}\nvrrp_instance B {\ninterface eth0\nvirtual_router_id 2\nvirtual_ipaddress {\n198.51.100.50/24 scope link\n}";
    const { station, moves } = surroundingsOf(more);
    expect(moves(({ addresses }) => addresses.unshift(onInterface(2, "198.51.100.50")))).toBe(true);
    expect(station().sending?.adverts.map(({ source }) => source)).toEqual(["192.0.2.1"]);
    expect(moves(({ addresses }) => addresses.unshift(onInterface(2, "203.0.113.7")))).toBe(false);
    expect(station().sending?.adverts.map(({ source }) => source)).toEqual(["192.0.2.1"]);
  });

  test("without an address or an interface nothing is sent", () => {
    const { station, moves } = surroundingsOf();
    moves(({ addresses }) => addresses.splice(0, 1, onInterface(2, "192.0.2.100")));
    expect(station()).toMatchObject({ link: { name: "eth0" }, sending: null });
    moves(({ links }) => links.splice(0));
    expect(station()).toMatchObject({ link: null, sending: null });
  });
});

describe("without an address of its own on its interface", () => {
  test("an instance is in fault: it would be a master that neither speaks nor hears", () => {
    const { moves, faults, waitsFor } = surroundingsOf();
    expect(faults()).toEqual([]);
    moves(({ addresses }) => addresses.splice(0, 1, onInterface(2, "192.0.2.100")));
    expect(faults()).toEqual(["no_source_address"]);
    expect(waitsFor()).toBeNull();
    moves(({ addresses }) => addresses.push(onInterface(2, "192.0.2.1")));
    expect(faults()).toEqual([]);
  });

  test("an owner has those that it owns, and unicast may name one", () => {
    const owner = surroundingsOf("priority 255");
    owner.moves(({ addresses }) => addresses.splice(0));
    expect(owner.faults()).toEqual([]);
    const unicast = surroundingsOf("unicast_src_ip 192.0.2.1\nunicast_peer {\n192.0.2.2\n}");
    unicast.moves(({ addresses }) => addresses.splice(0));
    expect(unicast.faults()).toEqual([]);
  });

  test("it waits for duplicate address detection, on an interface that is up", () => {
    const settling = surroundingsOf("", "vrrp_version 3", "fe80::100/64");
    const tentative = { ...onInterface(2, "fe80::1"), tentative: true };
    settling.moves(({ addresses }) => addresses.splice(0, 1, tentative));
    expect([settling.waitsFor(), settling.faults()]).toEqual([
      "waits for the end of duplicate address detection",
      ["no_source_address"],
    ]);
    expect(settling.waitsFor(true)).toBe(settling.waitsFor());
    settling.moves(({ addresses }) => addresses.splice(0, 1, { ...tentative, dadFailed: true }));
    expect(settling.waitsFor()).toBeNull();
    settling.moves(({ addresses }) => addresses.splice(0, 1, { ...tentative, tentative: false }));
    expect([settling.waitsFor(), settling.faults()]).toEqual([null, []]);
  });
});

test.each([
  ["", "waits for the first result of script slow"],
  ["weight 0 reverse", "waits for the first result of script slow"],
  ["weight -10", null],
])("a script without a result, %s: %s", (weight, reason) => {
  const script = "vrrp_script slow {\nscript /bin/true\n}";
  const { waitsFor } = surroundingsOf(`track_script {\nslow ${weight}\n}`, `}\n${script}\nglobal_defs {`);
  expect(waitsFor()).toBe(reason);
  expect(waitsFor(true)).toBeNull();
});

describe("the receive buffer", () => {
  test("holds what hundreds of peers send while we are late, unless the configuration says otherwise", () => {
    expect(surroundingsOf().station().receiveBufferBytes).toBe(4 << 20);
    expect(surroundingsOf("kernel_rx_buf_size 5000").station().receiveBufferBytes).toBe(5000);
    expect(surroundingsOf("", "vrrp_rx_bufs_policy 70000").station().receiveBufferBytes).toBe(70_000);
    const byMtu = surroundingsOf("", "vrrp_rx_bufs_policy MTU\nvrrp_rx_bufs_multiplier 6");
    expect(byMtu.station().receiveBufferBytes).toBe(6 * 1500);
  });
});

test("what is announced is what the configuration of that time says, by whoever began to announce", () => {
  const { announcements, reloads } = surroundingsOf("garp_extra_if all 1", "", "192.0.2.100/24 dev eth0");
  const { addresses, extra } = announcements();
  const now = () => [addresses(), extra?.addresses()].map((each) => each?.map(({ address }) => address));
  expect(now()).toEqual([["192.0.2.100"], []]);
  reloads("192.0.2.101/24");
  expect(now()).toEqual([["192.0.2.101"], []]);
});
