import { expect, test } from "vitest";
import type { InstanceLink, VrrpInstance } from "../../config/vrrp-model.ts";
import { virtualAddress } from "../addresses/testing/samples.ts";
import { planLinks, virtualMac } from "./planned-link.ts";

const prefixes = { vmacPrefix: "vrrp", vmacAddressPrefix: "vrrp" };
const vmacLink: InstanceLink = { kind: "vmac", interface: null, mac: null, xmitBase: false };
// What the plan looks at.
const instance = (name: string, more: Partial<VrrpInstance>) =>
  ({
    name,
    interface: "eth0",
    family: "inet",
    virtualRouterId: 51,
    link: vmacLink,
    addresses: [],
    excludedAddresses: [],
    ...more,
  }) as unknown as VrrpInstance;

test("names: as configured, by prefix and VRID, and where that is taken by family or number", () => {
  const plan = planLinks(
    [
      instance("a", { link: { kind: "vmac", interface: "vrrp.7", mac: null, xmitBase: true } }),
      instance("b", { virtualRouterId: 7 }),
      instance("c", {}),
      instance("d", { family: "inet6" }),
      instance("e", { interface: "eth1" }),
      instance("f", { interface: "eth2" }),
      instance("g", { link: null }),
    ],
    prefixes,
  );
  expect([...plan.values()].map(({ placement }) => placement.instanceLink)).toEqual([
    "vrrp.7",
    "vrrp4.7",
    "vrrp.51",
    "vrrp6.51",
    "vrrp4.51",
    "vrrp.51.2",
    null,
  ]);
  expect(plan.get("a")?.links).toMatchObject([{ sends: false, kind: { mac: "00:00:5e:00:01:33" } }]);
  expect(plan.get("d")?.links).toMatchObject([{ inet6: true, kind: { mac: "00:00:5e:00:02:33" } }]);
});

test("a VMAC for addresses on another interface, one for each of these", () => {
  const own = { placement: "own-vmac", interface: "eth1" } as const;
  const addresses = [virtualAddress("192.0.2.1", own), virtualAddress("192.0.2.2", own)];
  const plan = planLinks([instance("a", { addresses })], prefixes).get("a");
  expect(plan?.placement).toEqual({ instanceLink: "vrrp.51", ownLinks: { eth1: "vrrp.51.2" } });
  expect(plan?.links).toMatchObject([
    { name: "vrrp.51", base: "eth0", sends: true },
    { name: "vrrp.51.2", base: "eth1", sends: false },
  ]);
});

test("an ipvlan has the address that adverts come from", () => {
  const link: InstanceLink = {
    kind: "ipvlan",
    interface: "ipv0",
    address: "192.0.2.9",
    prefixLength: null,
    mode: "bridge",
  };
  expect(planLinks([instance("a", { link })], prefixes).get("a")?.links).toMatchObject([
    {
      name: "ipv0",
      kind: { kind: "ipvlan", isolation: "bridge", address: { address: "192.0.2.9", prefixLength: 32 } },
    },
  ]);
});

test("the virtual MAC addresses of RFC 9568", () => {
  expect(virtualMac("inet", 1)).toBe("00:00:5e:00:01:01");
  expect(virtualMac("inet6", 255)).toBe("00:00:5e:00:02:ff");
});
