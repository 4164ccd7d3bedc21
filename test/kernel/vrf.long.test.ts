import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { directorNode } from "./lbctl.ts";
import { bootGuest, type Guest } from "./uml/guest.ts";

// Two routers on one Ethernet, which is in a VRF on the side of d1: adverts go out of it and come in through it.

let guest: Guest;

beforeAll(async () => {
  guest = await bootGuest({ modules: ["ip_vs", "veth", "vrf"] });
  await guest.sh(
    `ip netns add d1; ip netns add d2
     ip -n d1 link add eth0 type veth peer name eth0 netns d2
     ip -n d1 link add blue type vrf table 5000
     ip -n d1 link set blue up
     ip -n d1 link set eth0 master blue
     for number in 1 2; do
       ip -n d$number link set lo up
       ip -n d$number link set eth0 up
       ip -n d$number address add 192.0.2.$number/24 dev eth0
     done`,
  );
});
afterAll(() => guest?.close());

const peers = (self: number) => ({ unicast_src_ip: `192.0.2.${self}`, unicast_peer: [`192.0.2.${3 - self}`] });
const ours = {
  vrrp_instance: [
    { name: "VI_MULTICAST", interface: "eth0", virtual_router_id: 51, virtual_ipaddress: ["192.0.2.51/24"] },
    { name: "VI_UNICAST", interface: "eth0", virtual_router_id: 52, virtual_ipaddress: ["192.0.2.52/24"], ...peers(1) },
    // Of no interface: the VRF says where.
    { name: "VI_ANY", vrf: "blue", virtual_router_id: 53, virtual_ipaddress: ["192.0.2.53/24 dev eth0"], ...peers(1) },
  ].map((instance) => ({ version: 3, priority: 100, advert_int: 1, ...instance })),
};
const theirs = `global_defs {
  vrrp_version 3
}
${ours.vrrp_instance
  .map(
    ({ name, virtual_router_id }, nth) => `vrrp_instance ${name} {
  interface eth0
  virtual_router_id ${virtual_router_id}
  priority 150
  ${nth === 0 ? "" : "unicast_src_ip 192.0.2.2\n  unicast_peer {\n    192.0.2.1\n  }"}
  virtual_ipaddress {
    192.0.2.${virtual_router_id}/24
  }
}
`,
  )
  .join("")}`;

test("an interface in a VRF, by multicast and unicast, and a VRF without an interface", async () => {
  const node = directorNode(guest, "d1");
  node.configure(ours);
  const inD1 = { namespace: "d1", timeoutMs: 1_000_000 };
  const lbctl = guest.start(`exec ${node.command("run", "-f", node.configFile, "--log", "console")}`, inD1);
  await expect.poll(() => lbctl.stderr()).toContain("control socket");
  const masters = async () => {
    const { vrrp_instances: instances } = await node.status();
    return instances.map(({ state, master }) => `${state}: ${master?.address}`);
  };
  const alone = ["master: 192.0.2.1", "master: 192.0.2.1", "master: 192.0.2.1"];
  await expect.poll(masters).toEqual(alone);
  const addresses = await guest.sh("ip -n d1 -4 -o address show dev eth0");
  for (const { virtual_router_id: id } of ours.vrrp_instance) expect(addresses).toContain(` 192.0.2.${id}/24 `);

  const file = join(guest.sharedDir, "keepalived.conf");
  writeFileSync(file, theirs);
  const keepalived = guest.start(`exec keepalived -P -n -l -f ${file} -p /run/k.pid -r /run/kv.pid`, {
    namespace: "d2",
    timeoutMs: 1_000_000,
  });
  await expect.poll(masters).toEqual(alone.map(() => "backup: 192.0.2.2"));
  // It heard each of ours, and answered.
  const log = keepalived.stdout() + keepalived.stderr();
  for (const { name } of ours.vrrp_instance) expect(log).toContain(`(${name}) received lower priority (100) advert`);
  keepalived.signal("TERM");
  await keepalived.done;
  await expect.poll(masters).toEqual(alone);
  lbctl.signal("TERM");
  expect((await lbctl.done).status).toBe(0);
});
