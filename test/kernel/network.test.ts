import { afterAll, beforeAll, expect, test } from "vitest";
import { nodeCommand } from "./guest-node.ts";
import { bootGuest, type Guest } from "./uml/guest.ts";

let guest: Guest;
beforeAll(async () => {
  guest = await bootGuest();
});
afterAll(() => guest?.close());

test("ipvlan, VRF and dummy interfaces, made and seen by Linux 6.1", async () => {
  const seen = JSON.parse(await guest.sh(nodeCommand("test/kernel/guest/network-run.ts"), { timeoutMs: 60_000 }));
  expect(seen.results).toEqual([{ ok: true }, { ok: true }]);
  expect(seen.polled).toEqual([true, false]);
  expect(seen.events).toEqual([{ type: "link_made", holder: "VI_1", link: "ipv0", base: "dummy0" }]);
  expect(seen.during.ipvlan).toMatchObject({
    link: "dummy0",
    ifalias: "lbctl vrrp VI_1",
    linkinfo: { info_kind: "ipvlan", info_data: { mode: "l2" } },
  });
  expect(seen.during.ipvlan.addr_info.map(({ local }: { local: string }) => local)).toEqual([
    "192.0.2.9",
    "192.0.2.50",
  ]);
  expect(seen.during.vrfRoute).toMatchObject([{ dst: "10.1.0.0/16", gateway: "198.51.100.2", dev: "dummy1" }]);
  expect(seen.during.blue.details).toEqual({ kind: "vrf", table: 5000 });
  expect(seen.during.dummy1).toMatchObject({ vrfTable: 5000, master: seen.during.blue.index });
  // IFA_PROTO came with 5.18.
  expect(seen.during.ours.map(({ address }: { address: string }) => address)).toEqual(["192.0.2.50"]);
  expect(seen.during.objects.map(({ present }: { present: boolean }) => present)).toEqual([true, true]);
  expect(seen.during.arpIgnore).toBe("1");
  expect(seen.after.links).not.toContain("ipv0");
  expect(seen.after.arpIgnore).toBe("0");
});
