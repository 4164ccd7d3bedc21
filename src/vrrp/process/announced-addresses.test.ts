import { expect, test } from "vitest";
import { extraAnnounced } from "./announced-addresses.ts";
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
