import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { formatAddress, native } from "ipvs-netlink";
import { canMakeNamespaces } from "ipvs-netlink/testing";
import { describe, expect, test } from "vitest";
import * as option from "../../../src/sockets/socket-options.ts";
import { until } from "../../e2e/lbctl.ts";
import type { Node } from "./ethernet.ts";
import { garbageCases } from "./garbage-packets.ts";
import { globals } from "./instance-text.ts";
import type { LbctlRouter } from "./routers.ts";
import { inScene } from "./scene.ts";

const perSecond = 500;

/** Sends whole packets of IP out of eth0 of a node, to where their headers say, at a bounded rate. */
async function send(node: Node, packets: readonly Buffer[]): Promise<void> {
  const family = (packets[0]?.[0] ?? 0) >> 4 === 6 ? "inet6" : "inet";
  const [domain, to, toEnd] = family === "inet" ? [option.AF_INET, 16, 20] : [option.AF_INET6, 24, 40];
  const calls = native();
  const fd = calls.socketInNamespace(node.path, domain, option.SOCK_RAW, option.IPPROTO_RAW);
  expect(fd).toBeGreaterThan(0);
  try {
    calls.setsockopt(fd, option.SOL_SOCKET, option.SO_BINDTODEVICE, Buffer.from("eth0\0"));
    const address = Buffer.alloc(option.SOCKADDR_BYTES[family]);
    const batch = perSecond / 20;
    for (let at = 0; at < packets.length; at += batch) {
      for (const packet of packets.slice(at, at + batch)) {
        // Of IPv4 the kernel writes the length.
        if (family === "inet6") packet.writeUInt16BE(packet.length - 40, 4);
        option.writeSocketAddress(address, 0, family, formatAddress(family, packet.subarray(to, toEnd)), 0);
        expect(calls.sendmsg(fd, packet, address, 0)).toBeGreaterThan(0);
      }
      await sleep(50);
    }
  } finally {
    calls.close(fd);
  }
}

describe.skipIf(!canMakeNamespaces)("garbage on the wire", () => {
  test("changes nothing but counters, of instances with authentication, too", () =>
    inScene({ nodes: ["r1", "r2", "r3"], addresses: garbageCases.map(({ address }) => address) }, async (scene) => {
      const config = (priority: number, self: number) =>
        globals() + garbageCases.map((each) => each.config(priority, self)).join("");
      const backup = await scene.lbctl("r2", config(100, 2));
      const master = await scene.lbctl("r1", config(150, 1));
      await scene.holds("r1");
      const last = (router: LbctlRouter, name: string) =>
        router
          .log()
          .match(new RegExp(`(?<=vrrp ${name} \\w+ -> )\\w+`, "g"))
          ?.at(-1);
      for (const [router, state] of [
        [master, "master"],
        [backup, "backup"],
      ] as const) {
        for (const { name } of garbageCases) {
          await router.becomes(state, name);
          await until(`its log says ${state} of ${name}`, () => last(router, name) === state, router.log);
        }
      }
      scene.watch.begin();
      const pids = [master.vrrpPid(), backup.vrrpPid()];
      const changes = [master, backup].map(({ log }) => log().match(/ -> /g)?.length);
      for (const { name, packets } of garbageCases) {
        // The same number of each case, whether one packet is for all or for one.
        const sent = packets.map(({ garbage }) => fc.sample(garbage, 400 / packets.length));
        await send(scene.node("r3"), sent.flat());
        for (const router of [master, backup]) {
          const counted = async () => {
            const { counters } = await router.instance(name);
            const errors = Object.entries(counters).filter(([counter]) => /err|invalid|mismatch|failure/.test(counter));
            return errors.reduce((sum, [, count]) => sum + count, 0);
          };
          await until(`${name} counts them`, async () => (await counted()) > (sent[0]?.length ?? 0) / 3, router.log);
        }
      }
      expect(scene.watch.violations({ noneMs: 0, severalMs: 0 })).toEqual([]);
      expect([master.vrrpPid(), backup.vrrpPid()]).toEqual(pids);
      expect([master, backup].map(({ log }) => log().match(/ -> /g)?.length)).toEqual(changes);
      // The one good packet among them is believed.
      for (const { name, packets } of garbageCases) {
        for (const { good } of packets) await send(scene.node("r3"), [good()]);
        await until(`the master of ${name} gives way`, () => last(master, name) === "backup", master.log);
      }
    }));
});
