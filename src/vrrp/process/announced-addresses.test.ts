import { expect, test } from "vitest";
import { link, virtualAddress } from "../addresses/testing/samples.ts";
import type { PlannedLink } from "../links/planned-link.ts";
import { announcedAddresses, extraAnnounced } from "./announced-addresses.ts";
import type { AnnouncedAddress } from "./announcement.ts";

const announced: AnnouncedAddress[] = [
  ["192.0.2.100", "eth0"],
  ["198.51.100.10", "eth1"],
  ["198.51.100.11", "eth1"],
  ["2001:db8::10", "eth1"],
  ["198.51.100.12", "vrrp.51.1"],
  ["198.51.100.13", "vrrp.51.1"],
].map(([address = "", name = ""], index) => ({
  address,
  family: address.includes(":") ? "inet6" : "inet",
  link: { name, index, mac: "02:00:00:00:00:01" },
  router: false,
}));
const vmacs = new Set(["vrrp.51.1"]);
const names = (all: boolean, advertsOn: string | null) =>
  extraAnnounced(announced, { advertsOn, vmacs, all }).map(({ address }) => address);

test("one address of each family and interface without adverts, as keepalived 2.2.7 announces them; VMACs, or all", () => {
  expect(names(false, "eth0")).toEqual(["198.51.100.12"]);
  expect(names(true, "eth0")).toEqual(["198.51.100.10", "2001:db8::10", "198.51.100.12"]);
  expect(names(false, "vrrp.51.1")).toEqual([]);
  expect(names(true, null)).toEqual(["192.0.2.100", "198.51.100.10", "2001:db8::10", "198.51.100.12"]);
});

test("this machine is a router where it forwards: on what was made on top of an interface if it does on that", () => {
  const kind = { kind: "macvlan", mac: "00:00:5e:00:02:33" } as const;
  const vmac: PlannedLink = {
    holder: "A",
    name: "vrrp.51",
    base: "eth0",
    family: "inet6",
    inet6: true,
    kind,
    sends: true,
  };
  const isRouter = (forwarding: readonly string[], onVmac: boolean) => {
    const interfaces = {
      link: (name: string) => link(2, name),
      forwardsIpv6: (name: string) => forwarding.includes(name),
    };
    const placement = onVmac ? "instance-vmac" : "interface";
    const instance = {
      name: "A",
      addresses: [virtualAddress("fe80::1/64", { placement }), virtualAddress("192.0.2.100/24", { placement })],
      excludedAddresses: [virtualAddress("2001:db8::1/64", { interface: "eth1" })],
    };
    const links = { links: [vmac], placement: { instanceLink: onVmac ? vmac.name : null, ownLinks: {} } };
    return announcedAddresses(instance, links, interfaces).map((announced) => [announced.link.name, announced.router]);
  };
  const flags = (...given: readonly boolean[]) => given.map((flag, index) => [["eth0", "eth0", "eth1"][index], flag]);
  expect(isRouter([], false)).toEqual(flags(false, false, false));
  expect(isRouter(["eth0"], false)).toEqual(flags(true, false, false));
  expect(isRouter(["eth1"], false)).toEqual(flags(false, false, true));
  const vmacs = (router: boolean) => [
    ["vrrp.51", router],
    ["vrrp.51", false],
    ["eth1", false],
  ];
  expect(isRouter(["eth0"], true)).toEqual(vmacs(true));
  expect(isRouter(["vrrp.51"], true)).toEqual(vmacs(false));
});
