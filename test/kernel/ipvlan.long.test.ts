import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { directorNode } from "./lbctl.ts";
import { bootGuest, type Guest } from "./uml/guest.ts";

// Two routers on one Ethernet, each with an ipvlan of its own for VRRP, which most machines' own kernel does not have.

let guest: Guest;

beforeAll(async () => {
  guest = await bootGuest({ modules: ["ip_vs", "veth", "ipvlan"] });
  await guest.sh(
    `ip netns add d1; ip netns add d2
     ip -n d1 link add eth0 type veth peer name eth0 netns d2
     for number in 1 2; do
       ip -n d$number link set lo up
       ip -n d$number link set eth0 up
       ip -n d$number address add 192.0.2.$number/24 dev eth0
     done`,
  );
});
afterAll(() => guest?.close());

const configOf = (self: number, priority: number) => `global_defs {
  vrrp_version 3
}
vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  priority ${priority}
  use_ipvlan ipv0 192.0.2.1${self}/24
  virtual_ipaddress {
    192.0.2.51/24
  }
}
`;

test("use_ipvlan beside keepalived, which has one, too", async () => {
  const node = directorNode(guest, "d1");
  const [ours, theirs] = ["ours.conf", "theirs.conf"].map((name) => join(guest.sharedDir, name)) as [string, string];
  writeFileSync(ours, configOf(1, 100));
  writeFileSync(theirs, configOf(2, 150));
  const timeoutMs = 1_000_000;
  const run = node.command("run", "-f", ours, "--log", "console");
  const lbctl = guest.start(`exec ${run}`, { namespace: "d1", timeoutMs });
  await expect.poll(() => lbctl.stderr()).toContain("control socket");
  const seen = async () => {
    const { vrrp_instances: instances } = await node.status();
    return instances.map(({ state, master }) => `${state}: ${master?.address}`).join();
  };
  const isThere = async () => (await guest.sh("ip -n d1 -4 -o address show dev ipv0")).includes(" 192.0.2.51/24 ");
  await expect.poll(seen).toBe("master: 192.0.2.11");
  await expect.poll(isThere).toBe(true);

  const command = `exec keepalived -P -n -l -f ${theirs} -p /run/k.pid -r /run/kv.pid`;
  const keepalived = guest.start(command, { namespace: "d2", timeoutMs });
  await expect.poll(seen).toBe("backup: 192.0.2.12");
  await expect.poll(isThere).toBe(false);
  const log = () => keepalived.stdout() + keepalived.stderr();
  await expect.poll(log).toContain("(VI_1) received lower priority (100) advert from 192.0.2.11");
  keepalived.signal("TERM");
  await keepalived.done;
  await expect.poll(seen).toBe("master: 192.0.2.11");
  lbctl.signal("TERM");
  expect((await lbctl.done).status).toBe(0);
  expect(await guest.sh("ip -n d1 -o link")).not.toContain("ipv0");
});
