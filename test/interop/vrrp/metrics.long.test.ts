import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { canMakeNamespaces } from "ipvs-netlink/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Running, start, until } from "../../e2e/lbctl.ts";
import { cabledNodes, type VrrpNode, vrrpInstance } from "../../e2e/vrrp-nodes.ts";
import { curl } from "../prometheus.ts";

let node: VrrpNode;
let peer: VrrpNode;
let keepalived: Running | undefined;

beforeEach(() => {
  [node, peer] = cabledNodes();
});
afterEach(async () => {
  keepalived?.signal("SIGTERM");
  await keepalived?.ended;
  await Promise.all([node.close(), peer.close()]);
});

const conf = `global_defs {
  vrrp_version 3
}
vrrp_instance VI_1 {
  state BACKUP
  interface eth0
  virtual_router_id 51
  priority 50
  advert_int 0.1
  virtual_ipaddress {
    192.0.2.100/24
  }
}
`;

/** keepalived writes to /tmp whatever comes: it gets one of its own. */
function startKeepalived(): Running {
  const words = ["netns", "exec", peer.namespace.name, "unshare", "-m", "sh", "-c"];
  const mount = 'text=$(cat "$0") && mount -t tmpfs none /tmp && printf "%s" "$text" >/tmp/k.conf';
  const run = "exec keepalived -P -n -l -f /tmp/k.conf -p /tmp/k.pid -r /tmp/v.pid";
  writeFileSync(peer.path("keepalived.conf"), conf);
  return start("ip", [...words, `${mount} && ${run}`, peer.path("keepalived.conf")]);
}

/** Its statistics, as it writes them at SIGUSR2. */
async function statistics(): Promise<{ received: number; zeroReceived: number; becameMaster: number }> {
  const pid = keepalived?.pid ?? 0;
  process.kill(pid, "SIGUSR2");
  const file = `/proc/${pid}/root/tmp/keepalived.stats`;
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const all = [...text.matchAll(/Received: (\d+)/g)].map(([, count]) => Number(count));
  return {
    received: all[0] ?? Number.NaN,
    zeroReceived: all[1] ?? Number.NaN,
    becameMaster: Number(/Became master: (\d+)/.exec(text)?.[1]),
  };
}

async function metric(name: string): Promise<number> {
  const text = await curl(node.namespace.name, "http://127.0.0.1:9650/metrics");
  return Number(new RegExp(`^${name}\\{[^}]*\\} (\\d+)$`, "m").exec(text)?.[1]);
}

describe.skipIf(!canMakeNamespaces)("counters of VRRP beside keepalived's own", () => {
  test("what one has sent the other has received, and both tell so", async () => {
    keepalived = startKeepalived();
    const log = () => `${keepalived?.stdout()}${keepalived?.stderr()}`;
    await until("keepalived is master", () => /Entering MASTER STATE/.test(log()), log);
    const config = (priority: number) => ({ vrrp_instance: [vrrpInstance("VI_1", { priority })] });
    node.configure(config(100));
    const daemon = node.start("--metrics-address", "9650");
    await daemon.logged(/status page are served on/);
    await node.reaches("VI_1", "master");
    await until("adverts are counted", async () => (await metric("keepalived_advertisements_sent_total")) > 20);
    node.configure(config(10));
    expect(await node.lbctl("reload")).toMatchObject({ status: 0 });
    await node.reaches("VI_1", "backup");
    let seen: object = {};
    await until(
      "the numbers agree",
      async () => {
        const theirs = await statistics();
        const ours = {
          received: await metric("keepalived_advertisements_sent_total"),
          zeroReceived: await metric("keepalived_priority_zero_sent_total"),
        };
        seen = { theirs, ours };
        return theirs.received === ours.received && theirs.zeroReceived === ours.zeroReceived;
      },
      () => JSON.stringify(seen),
    );
    expect(await metric("keepalived_become_master_total")).toBe(1);
    expect(await metric("keepalived_release_master_total")).toBe(1);
    // It has heard keepalived while it was master itself: when it took over, and when it was taken over from.
    expect(await metric("lbctl_vrrp_other_master_seen_total")).toBeGreaterThan(0);
    keepalived.signal("SIGTERM");
    await keepalived.ended;
    await until(
      "its last advert is counted",
      async () => (await metric("keepalived_priority_zero_received_total")) === 1,
    );
    await node.reaches("VI_1", "master");
  });
});
