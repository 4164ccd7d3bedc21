/** What this machine's own kernel may not have: dummy, VRF and ipvlan interfaces, with the owners of links and addresses. Prints what `ip` saw. */
import { execSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { native, RtnetlinkClient } from "ipvs-netlink";
import { AF_INET, SOCK_DGRAM } from "../../../src/sockets/socket-options.ts";
import { AddressOwner } from "../../../src/vrrp/addresses/address-owner.ts";
import { addressRecord } from "../../../src/vrrp/addresses/file-record.ts";
import { kernelNetwork } from "../../../src/vrrp/addresses/kernel-network.ts";
import { holding, via, virtualAddress, virtualRoute } from "../../../src/vrrp/addresses/testing/samples.ts";
import { linkRecord } from "../../../src/vrrp/links/file-record.ts";
import { LinkOwner } from "../../../src/vrrp/links/link-owner.ts";
import type { PlannedLink } from "../../../src/vrrp/links/planned-link.ts";
import { procSysctls } from "../../../src/vrrp/links/proc-sysctls.ts";
import { askLink } from "../../../src/vrrp/process/ask-link.ts";

const runDir = mkdtempSync(join(tmpdir(), "lbctl-network-"));
const client = RtnetlinkClient.open();
const events: unknown[] = [];
const results: unknown[] = [];
const onEvents = (batch: readonly unknown[]) => events.push(...batch);
const ip = (line: string) => execSync(`ip ${line}`, { encoding: "utf8" });
const json = (line: string) => JSON.parse(ip(`-json -details ${line}`) || "[]") as Record<string, unknown>[];

results.push(...client.apply([{ kind: "new-link", link: { name: "dummy0", details: { kind: "dummy" }, up: true } }]));
results.push(
  ...client.apply([{ kind: "new-link", link: { name: "blue", details: { kind: "vrf", table: 5000 }, up: true } }]),
);
ip("addr add 192.0.2.1/24 dev dummy0");
ip("link add dummy1 type dummy");
ip("link set dummy1 up master blue");
ip("addr add 198.51.100.1/24 dev dummy1");

// A bond speaks for a PHY.
ip("link add bond7 type bond miimon 100");
ip("link add slave0 type dummy");
ip("link set slave0 master bond7");
ip("link set bond7 up");
const linkSocket = native().socket(AF_INET, SOCK_DGRAM, 0);
const phy = async (wanted: boolean) => {
  const deadlineMs = performance.now() + 30_000;
  while (askLink(linkSocket, "bond7", "MII") !== wanted && performance.now() < deadlineMs) await sleep(50);
  return askLink(linkSocket, "bond7", "MII");
};
const polled = [await phy(true)];
ip("link set slave0 down");
polled.push(await phy(false));
native().close(linkSocket);

const links = new LinkOwner({ client, sysctls: procSysctls, record: linkRecord(runDir, "test"), onEvents });
const source = { address: "192.0.2.9", prefixLength: 24 };
const ipvlan: PlannedLink = {
  holder: "VI_1",
  name: "ipv0",
  base: "dummy0",
  family: "inet",
  inet6: false,
  kind: { kind: "ipvlan", isolation: "private", address: source },
  sends: true,
};
await links.configure([ipvlan]);

const clock = {
  now: () => ({ monotonicMs: performance.now(), epochMs: Date.now() }),
  setTimer: (callback: () => void, delayMs: number) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
const addresses = new AddressOwner({
  network: kernelNetwork(),
  record: addressRecord(runDir, "test"),
  clock,
  onEvents,
});
await addresses.configure([
  holding("VI_1", {
    addresses: [virtualAddress("192.0.2.50/24", { placement: "instance-vmac" })],
    routes: [virtualRoute("10.1.0.0/16", { nexthops: [via("198.51.100.2")], vrf: "blue", table: null })],
    placement: { instanceLink: "ipv0", ownLinks: {} },
  }),
]);
addresses.take("VI_1");
addresses.check();
const during = {
  ipvlan: json("addr show dev ipv0")[0],
  vrfRoute: json("route show table 5000 proto 118"),
  dummy1: client.link("dummy1"),
  blue: client.link("blue"),
  ours: client.addresses().filter(({ protocol }) => protocol === 118),
  arpIgnore: procSysctls.read("ipv4/conf/dummy0/arp_ignore"),
  objects: addresses.objectsOf("VI_1"),
};
await addresses.stop({ keep: false });
await links.stop({ keep: false });
const after = {
  links: client.links().map(({ name }) => name),
  arpIgnore: procSysctls.read("ipv4/conf/dummy0/arp_ignore"),
};
client.close();
console.log(JSON.stringify({ results, polled, events, during, after }));
