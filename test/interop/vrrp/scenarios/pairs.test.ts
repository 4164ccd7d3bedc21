import { expect, test } from "vitest";
import { until } from "../../../e2e/lbctl.ts";
import { front, heartbeat } from "../ethernet.ts";
import { inScene } from "../scene.ts";
import { expectServed, inBothForms, run, validate, type Written } from "./written.ts";

// Pairs as people build them (S1 without LVS, S2, S3, S6), with clients that ask through the virtual address all the time.

const vip = "192.0.2.50";
const second = "192.0.2.60";
const nodes = ["r1", "r2", "c"] as const;

const webPair = (priority: number, state: "MASTER" | "BACKUP"): Written => ({
  "keepalived.conf": `! Configuration File for keepalived
global_defs {
    router_id LVS_DEVEL
    vrrp_version 3
}
vrrp_instance VI_1 {
    state ${state}
    interface eth0
    virtual_router_id 51
    priority ${priority}
    advert_int 1
    garp_master_delay 1
    virtual_ipaddress {
        ${vip}/24 dev eth0
    }
}
`,
  yaml: `# A pair of web servers.
global_defs: { router_id: LVS_DEVEL, vrrp_version: 3 }
vrrp_instance:
  - name: VI_1
    state: ${state}
    interface: eth0
    virtual_router_id: 51
    priority: ${priority}
    advert_int: 1
    garp_master_delay: 1
    virtual_ipaddress: [${vip}/24 dev eth0]
`,
});

const delayed = (priority: number, delay: number | null, strict = false): Written => ({
  "keepalived.conf": `global_defs {
    ${strict ? "vrrp_strict" : "vrrp_version 3"}
}
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority ${priority}
    advert_int 1
    ${delay === null ? "" : `preempt_delay ${delay}`}
    virtual_ipaddress {
        ${vip}/24
    }
}
`,
  yaml: `global_defs: { ${strict ? "vrrp_strict: true" : "vrrp_version: 3"} }
vrrp_instance:
  - name: VI_1
    state: BACKUP
    interface: eth0
    virtual_router_id: 51
    priority: ${priority}
    advert_int: 1
    ${delay === null ? "" : `preempt_delay: ${delay}`}
    virtual_ipaddress: [${vip}/24]
`,
});

const unicast = (self: number, peer: number, priority: number): Written => ({
  "keepalived.conf": `global_defs {
    vrrp_version 3
}
vrrp_instance VI_1 {
    state BACKUP
    interface eth1
    unicast_src_ip ${heartbeat({ number: self })}
    unicast_peer {
        ${heartbeat({ number: peer })}
    }
    virtual_router_id 51
    priority ${priority}
    advert_int 1
    virtual_ipaddress {
        ${vip}/24 dev eth0
    }
    track_interface {
        eth0
    }
}
`,
  yaml: `global_defs: { vrrp_version: 3 }
vrrp_instance:
  - name: VI_1
    state: BACKUP
    interface: eth1
    unicast_src_ip: ${heartbeat({ number: self })}
    unicast_peer: [${heartbeat({ number: peer })}]
    virtual_router_id: 51
    priority: ${priority}
    advert_int: 1
    virtual_ipaddress: [${vip}/24 dev eth0]
    track_interface: [eth0]
`,
});

const ownGroup = (priority: number): Written => ({
  "keepalived.conf": `global_defs {
    vrrp_version 3
    vrrp_mcast_group4 224.1.101.33
}
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority ${priority}
    advert_int 1
    virtual_ipaddress {
        ${vip}/24
    }
}
`,
  yaml: `global_defs:
  vrrp_version: 3
  vrrp_mcast_group4: 224.1.101.33
vrrp_instance:
  - { name: VI_1, state: BACKUP, interface: eth0, virtual_router_id: 51, priority: ${priority}, advert_int: 1, virtual_ipaddress: [${vip}/24] }
`,
});

const activeActive = (one: number, other: number): Written => ({
  "keepalived.conf": `global_defs {
    vrrp_version 3
}
vrrp_instance VI_1 {
    state ${one > other ? "MASTER" : "BACKUP"}
    interface eth0
    virtual_router_id 51
    priority ${one}
    advert_int 1
    virtual_ipaddress {
        ${vip}/24
    }
}
vrrp_instance VI_2 {
    state ${one > other ? "BACKUP" : "MASTER"}
    interface eth0
    virtual_router_id 34
    priority ${other}
    advert_int 1
    virtual_ipaddress {
        ${second}/24
    }
}
`,
  yaml: `global_defs: { vrrp_version: 3 }
vrrp_instance:
  - name: VI_1
    state: ${one > other ? "MASTER" : "BACKUP"}
    interface: eth0
    virtual_router_id: 51
    priority: ${one}
    advert_int: 1
    virtual_ipaddress: [${vip}/24]
  - name: VI_2
    state: ${one > other ? "BACKUP" : "MASTER"}
    interface: eth0
    virtual_router_id: 34
    priority: ${other}
    advert_int: 1
    virtual_ipaddress: [${second}/24]
`,
});

inBothForms("from %s", (form) => {
  test.concurrent("S1: the master of a web pair stops and comes back, and clients do not notice", () =>
    inScene({ nodes, addresses: [vip] }, async (scene) => {
      await Promise.all([scene.nginx("r1"), scene.nginx("r2")]);
      await run(scene, "r2", webPair(90, "BACKUP"), form);
      const first = await run(scene, "r1", webPair(100, "MASTER"), form);
      await scene.holds("r1");
      const client = await scene.client(`http://${vip}/`);
      await client.served("r1");
      await first.stop();
      await scene.holds("r2");
      await client.served("r2");
      await run(scene, "r1", webPair(100, "MASTER"), form);
      await scene.holds("r1");
      await client.served("r1");
      expectServed(scene, vip, await client.stop(), ["r1", "r2"]);
    }));

  test.concurrent("S2: both BACKUP with preempt_delay: the address stays until the delay is over", () =>
    inScene({ nodes, addresses: [vip] }, async (scene) => {
      await Promise.all([scene.nginx("r1"), scene.nginx("r2")]);
      await run(scene, "r2", delayed(80, null), form);
      const first = await run(scene, "r1", delayed(100, 5), form);
      await scene.holds("r1");
      const client = await scene.client(`http://${vip}/`);
      await client.served("r1");
      await first.stop();
      await scene.holds("r2");
      const startedMs = performance.now();
      const again = await run(scene, "r1", delayed(100, 5), form);
      await until("status says why it waits", async () => /delay/.test((await again.instance()).reason));
      await scene.holds("r1");
      expect(performance.now() - startedMs).toBeGreaterThan(5_000);
      await client.served("r1");
      expectServed(scene, vip, await client.stop(), ["r1", "r2"]);
    }));

  test("S2: with vrrp_strict it is called a contradiction", async () => {
    expect(await validate(delayed(100, 60, true), form)).toMatch(/strict-contradiction\]: .*preempt_delay/);
  });

  test.concurrent("S3: unicast on a heartbeat network; no multicast packet is ever sent", () =>
    inScene({ nodes, addresses: [vip] }, async (scene) => {
      await Promise.all([scene.nginx("r1"), scene.nginx("r2")]);
      const captures = await Promise.all([scene.capture("eth0"), scene.capture("eth1")]);
      await run(scene, "r2", unicast(2, 1, 100), form);
      const first = await run(scene, "r1", unicast(1, 2, 150), form);
      await scene.holds("r1");
      // Adverts do not go by it: only track_interface tells.
      for (const [state, holder] of [
        ["down", "r2"],
        ["up", "r1"],
      ] as const) {
        scene.ethernet.cable(scene.node("r1"), state);
        await scene.holds(holder);
      }
      const client = await scene.client(`http://${vip}/`);
      await client.served("r1");
      await first.stop();
      await scene.holds("r2");
      await client.served("r2");
      expectServed(scene, vip, await client.stop(), ["r1", "r2"]);
      const [onFront, onHeartbeat] = captures;
      expect(await onFront.frames("vrrp")).toEqual([]);
      const destinations = (await onHeartbeat.frames("vrrp")).map((frame) => frame["ip.dst"]);
      expect(new Set(destinations)).toEqual(new Set([heartbeat({ number: 1 }), heartbeat({ number: 2 })]));
    }));

  test.concurrent("S3: a group of one's own: adverts go there and nowhere else", () =>
    inScene({ nodes, addresses: [vip] }, async (scene) => {
      await Promise.all([scene.nginx("r1"), scene.nginx("r2")]);
      const captures = await Promise.all([scene.capture("eth0"), scene.capture("eth1")]);
      await run(scene, "r2", ownGroup(100), form);
      const first = await run(scene, "r1", ownGroup(150), form);
      await scene.holds("r1");
      const client = await scene.client(`http://${vip}/`);
      await client.served("r1");
      await first.stop();
      await scene.holds("r2");
      await client.served("r2");
      expectServed(scene, vip, await client.stop(), ["r1", "r2"]);
      const [onFront, elsewhere] = captures;
      const adverts = await onFront.frames("vrrp");
      expect(new Set(adverts.map((frame) => frame["ip.src"]))).toEqual(
        new Set([front({ number: 1 }), front({ number: 2 })]),
      );
      expect(new Set(adverts.map((frame) => frame["ip.dst"]))).toEqual(new Set(["224.1.101.33"]));
      expect(await elsewhere.frames("vrrp")).toEqual([]);
    }));

  test.concurrent("S6: active-active: each is master of one and backup of the other", () =>
    inScene({ nodes, addresses: [vip, second] }, async (scene) => {
      await Promise.all([scene.nginx("r1"), scene.nginx("r2")]);
      const [one] = await Promise.all([
        run(scene, "r1", activeActive(150, 100), form),
        run(scene, "r2", activeActive(100, 150), form),
      ]);
      await scene.holds("r1", [vip]);
      await scene.holds("r2", [second]);
      const clients = await Promise.all([vip, second].map((address) => scene.client(`http://${address}/`)));
      await Promise.all([clients[0]?.served("r1"), clients[1]?.served("r2")]);
      await one.stop();
      await scene.holds("r2");
      const again = await run(scene, "r1", activeActive(150, 100), form);
      await scene.holds("r1", [vip]);
      // Of the other one it has found its master.
      await again.heard(150, "VI_2");
      await scene.holds("r2", [second]);
      await Promise.all([clients[0]?.served("r1"), clients[1]?.served("r2")]);
      const [ofFirst, ofSecond] = await Promise.all(clients.map((client) => client.stop()));
      if (ofFirst === undefined || ofSecond === undefined) throw new Error("two clients");
      expectServed(scene, vip, ofFirst, ["r1", "r2"]);
      expect(ofSecond.byServer.r2).toBeGreaterThan(5);
    }));
});
