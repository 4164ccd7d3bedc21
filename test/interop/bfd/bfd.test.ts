import { setTimeout as sleep } from "node:timers/promises";
import { canMakeNamespaces } from "ipvs-netlink/testing";
import { describe, expect, test } from "vitest";
import { until } from "../../e2e/lbctl.ts";
import { globals, instanceText } from "../vrrp/instance-text.ts";
import type { LbctlRouter } from "../vrrp/routers.ts";
import { inScene } from "../vrrp/scene.ts";
import { FrrBfd } from "./frr.ts";
import { sessionText } from "./session-text.ts";

// lbctl is r1, its neighbour r2.

const vip = "192.0.2.50";
const fields = [
  ...["ip.src", "ipv6.src", "ip.ttl", "ipv6.hlim", "udp.srcport", "udp.dstport", "_ws.malformed", "bfd.version"],
  ...["bfd.flags.p", "bfd.flags.f", "bfd.sta", "bfd.detect_time_multiplier", "bfd.message_length"],
];

/** What status says of it, once its process has told of it. */
const session = async (router: LbctlRouter, name: string) => {
  const find = async () => (await router.status()).bfd_instances.find((each) => each.name === name);
  await until(`status knows ${name}`, async () => (await find()) !== undefined);
  const found = await find();
  if (found === undefined) throw new Error(`status knows ${name} no more`);
  return found;
};

const isIn = (router: LbctlRouter, name: string, state: string) =>
  until(
    `${name} is ${state}`,
    async () => (await session(router, name)).state === state,
    () => router.log(),
  );

const drop = (family: "ip" | "ip6") =>
  `add table ${family} lost; add chain ${family} lost in { type filter hook input priority 0; }; add rule ${family} lost in udp dport 3784 drop`;

describe.skipIf(!canMakeNamespaces)("BFD sessions", () => {
  test.concurrent("with keepalived: the virtual IP follows them, and nothing else takes them down", () =>
    inScene({ addresses: [vip] }, async (scene) => {
      const capture = await scene.capture();
      const theirSessions = sessionText("four", "192.0.2.1") + sessionText("six", "2001:db8::1");
      const theirs = await scene.keepalived("r2", globals() + theirSessions + instanceText({ priority: 120 }));
      const config = (fourTx: number) =>
        globals() +
        sessionText("four", "192.0.2.2", ["source_ip 192.0.2.1"]).replace("min_tx 200", `min_tx ${fourTx}`) +
        sessionText("six", "2001:db8::2") +
        instanceText({ priority: 100, lines: ["track_bfd {", "  four weight 60", "  six weight -20", "}"] });
      const ours = await scene.lbctl("r1", config(200));
      const hasPriority = (priority: number) =>
        until(
          `the priority is ${priority}`,
          async () => (await ours.instance()).priority === priority,
          () => ours.log(),
        );
      for (const name of ["four", "six"]) await isIn(ours, name, "up");
      await hasPriority(160);
      await scene.holds("r1", [vip]);
      expect(await session(ours, "four")).toMatchObject({ tx_interval_ms: 200, remote: { state: "up" } });
      await until("the intervals are agreed on", async () => (await session(ours, "six")).detection_time_ms === 4000);

      // Only BFD over IPv4 is lost.
      const r1 = scene.node("r1");
      r1.run("nft", drop("ip"));
      await isIn(ours, "four", "down");
      expect((await session(ours, "four")).reason).toMatch(/^no packet of the neighbour for \d+ ms, after 4000 ms/);
      await hasPriority(100);
      await scene.holds("r2", [vip]);
      expect((await session(ours, "six")).state).toBe("up");
      await until("keepalived is told", () =>
        /\(four\) Entering Down state.*Detection Time Expired/.test(theirs.log()),
      );
      r1.run("nft", "delete table ip lost");
      await hasPriority(160);
      await scene.holds("r1", [vip]);

      // A reload asks for another interval, and the session stays.
      const { since } = await session(ours, "four");
      await ours.reload(config(400));
      await until("they agree on it", async () => (await session(ours, "four")).tx_interval_ms === 400);
      expect((await session(ours, "four")).since).toBe(since);

      // A supervisor that does nothing for longer than a detection time; for how much longer does not matter.
      const downs = () => theirs.log().match(/Entering Down state/g)?.length ?? 0;
      const before = downs();
      process.kill(ours.daemon.pid, "SIGSTOP");
      await sleep(5_000);
      process.kill(ours.daemon.pid, "SIGCONT");
      expect(downs()).toBe(before);

      // The BFD process is killed: the neighbour notices, our own VRRP waits for what becomes of it.
      const logged = ours.log().length;
      process.kill(ours.daemon.child("bfd"), "SIGKILL");
      await until("keepalived notices", () => downs() >= before + 2, theirs.log);
      await until("sessions are up again", async () => {
        const { bfd_instances: all } = await ours.status();
        return all.length === 2 && all.every(({ state, counters }) => state === "up" && counters.came_up === 1);
      });
      expect(ours.log().slice(logged)).not.toContain("vrrp VI_1");
      expect(scene.watch.holders(vip)).toEqual(["r1"]);

      await ours.stop();
      await until("keepalived is told of the end", () => theirs.log().includes("Administratively Down"), theirs.log);
      await scene.holds("r2", [vip]);

      const frames = await capture.frames("bfd", fields);
      const sent = frames.filter((each) => each["ip.src"] === "192.0.2.1" || each["ipv6.src"] === "2001:db8::1");
      expect(new Set(sent.map((each) => each["ip.ttl"] || each["ipv6.hlim"]))).toEqual(new Set(["255"]));
      expect(new Set(sent.map((each) => each["udp.dstport"]))).toEqual(new Set(["3784"]));
      expect(sent.filter((each) => Number(each["udp.srcport"]) < 49_152)).toEqual([]);
      expect(sent.filter((each) => each["_ws.malformed"] !== "" && each["_ws.malformed"] !== undefined)).toEqual([]);
      expect(new Set(sent.map((each) => `${each["bfd.version"]} ${each["bfd.message_length"]}`))).toEqual(
        new Set(["1 24"]),
      );
      expect(new Set(sent.map((each) => each["bfd.sta"]))).toContain("0x00");
      const both = sent.filter(
        (each) => /1|True/.test(`${each["bfd.flags.p"]}`) && /1|True/.test(`${each["bfd.flags.f"]}`),
      );
      expect(both).toEqual([]);
    }));

  test.concurrent("with FRR: IPv4, IPv6, and over a router", () =>
    inScene({ nodes: ["r1", "r2", "r3"], addresses: [vip] }, async (scene) => {
      const [r1, r2, r3] = [scene.node("r1"), scene.node("r2"), scene.node("r3")];
      r1.ip("address add 10.0.0.1/32 dev lo");
      r2.ip("address add 10.0.0.2/32 dev lo");
      r1.ip("route add 10.0.0.2/32 via 192.0.2.3");
      r2.ip("route add 10.0.0.1/32 via 198.51.100.3");
      r3.ip("route add 10.0.0.1/32 via 192.0.2.1");
      r3.ip("route add 10.0.0.2/32 via 198.51.100.2");
      r3.run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1");
      const timing = { multiplier: 20, intervalMs: 200 };
      const theirs = await FrrBfd.start(r2, [
        { peer: "192.0.2.1 local-address 192.0.2.2 interface eth0", ...timing },
        { peer: "2001:db8::1 local-address 2001:db8::2 interface eth0", ...timing },
        { peer: "10.0.0.1 multihop local-address 10.0.0.2", ...timing },
      ]);
      scene.alongside(theirs);
      const ours = await scene.lbctl(
        "r1",
        globals() +
          sessionText("four", "192.0.2.2") +
          sessionText("six", "2001:db8::2", ["hoplimit 255"]) +
          sessionText("far", "10.0.0.2", ["source_ip 10.0.0.1", "multihop"]) +
          instanceText({ priority: 100, lines: ["track_bfd {", "  four", "  six", "  far", "}"] }),
      );
      for (const name of ["four", "six", "far"]) await isIn(ours, name, "up");
      for (const peer of ["192.0.2.1", "2001:db8::1", "10.0.0.1"]) await theirs.becomes(peer, "up");
      await scene.holds("r1", [vip]);
      expect(theirs.peers().get("10.0.0.1")).toMatchObject({
        multihop: true,
        "remote-transmit-interval": 200,
        "remote-receive-interval": 200,
        "remote-detect-multiplier": 20,
      });

      // Its administrator takes a session down, and brings it back.
      const peer = "peer 192.0.2.1 local-address 192.0.2.2 interface eth0";
      theirs.vtysh("configure terminal", "bfd", peer, "shutdown");
      await until(
        "the reason is told",
        async () => (await session(ours, "four")).reason.includes("administrator"),
        () => ours.log(),
      );
      await ours.becomes("fault");
      expect((await ours.instance()).reason).toContain("bfd four");
      theirs.vtysh("configure terminal", "bfd", peer, "no shutdown");
      await isIn(ours, "four", "up");
      await scene.holds("r1", [vip]);

      // The router between forwards no more.
      r3.run("sysctl", "-q", "-w", "net.ipv4.ip_forward=0");
      await isIn(ours, "far", "down");
      await theirs.becomes("10.0.0.1", "down");
      await ours.becomes("fault");
      expect((await session(ours, "six")).state).toBe("up");
      await ours.stop();
      await theirs.becomes("2001:db8::1", "down");
      expect(JSON.stringify(theirs.peers().get("2001:db8::1"))).toContain("neighbor signaled session down");
    }));
});
