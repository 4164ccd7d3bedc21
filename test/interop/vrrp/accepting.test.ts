import { native } from "ipvs-netlink";
import { canMakeNamespaces } from "ipvs-netlink/testing";
import { expect, test } from "vitest";
import * as option from "../../../src/sockets/socket-options.ts";
import type { AdvertSettings } from "../../../src/vrrp/packet/advert.ts";
import { encodeAdvert, encodedBytes } from "../../../src/vrrp/packet/encode-advert.ts";
import { captureSettings } from "../../../src/vrrp/packet/testing/settings.ts";
import { until } from "../../e2e/lbctl.ts";
import { front, type Node } from "./ethernet.ts";
import { globals, instanceText } from "./instance-text.ts";
import { inScene, type Scene } from "./scene.ts";

// Whose adverts count, of those that are right in themselves: lbctl (r1) and keepalived (r2) hear the same ones from r3, who is the only
// peer of both. Each advert has a priority of its own, which says in a log which of them was believed.

const known = front({ number: 3 });
const unknown = front({ number: 33 });
const own = 100;
/** So long that nobody becomes master again for want of the next one. */
const everyMs = 40_000;

const instances = {
  VI_TTL: { virtualRouterId: 51, lines: [`unicast_peer {`, `  ${known} min_ttl 250 max_ttl 253`, "}"] },
  VI_SOURCE: { virtualRouterId: 52, lines: ["check_unicast_src", "unicast_peer {", `  ${known}`, "}"] },
  VI_ANYBODY: { virtualRouterId: 53, lines: ["unicast_peer {", `  ${known}`, "}"] },
  VI_SKIPS: { virtualRouterId: 54, lines: ["skip_check_adv_addr"] },
  VI_LOOKS: { virtualRouterId: 55, lines: [] },
} as const;
type Name = keyof typeof instances;
const names = Object.keys(instances) as Name[];

const addressOf = (name: Name) => `192.0.2.${instances[name].virtualRouterId}`;
/** They must not hear each other: a virtual router of its own for each. */
const virtualRouterOf = (name: Name, router: number) => instances[name].virtualRouterId + 10 * router;
const config = (router: number) =>
  globals() +
  names
    .map((name) =>
      instanceText({
        ...{ name, priority: own, addresses: [`${addressOf(name)}/24`], lines: instances[name].lines },
        virtualRouterId: virtualRouterOf(name, router),
      }),
    )
    .join("");

interface Sent {
  readonly priority: number;
  readonly source?: string;
  readonly ttl?: number;
  readonly addresses?: readonly string[];
}

/** Sends an advert of an instance to both routers. */
function send(node: Node, name: Name, { priority, source = known, ttl = 255, addresses = [addressOf(name)] }: Sent) {
  const calls = native();
  const isUnicast = instances[name].lines.some((line) => line.startsWith("unicast_peer"));
  const fd = calls.socketInNamespace(node.path, option.AF_INET, option.SOCK_RAW, option.IPPROTO_RAW);
  expect(fd).toBeGreaterThan(0);
  try {
    calls.setsockopt(fd, option.SOL_SOCKET, option.SO_BINDTODEVICE, Buffer.from("eth0\0"));
    for (const router of [1, 2]) {
      const destination = isUnicast ? front({ number: router }) : "224.0.0.18";
      const to: AdvertSettings = {
        ...{ ...captureSettings.v3, addresses, source, destination, ttl },
        virtualRouterId: virtualRouterOf(name, router),
        advertMs: everyMs,
      };
      const { buffer } = encodeAdvert(Buffer.alloc(encodedBytes(to)), 0, to, priority);
      const address = Buffer.alloc(option.SOCKADDR_BYTES.inet);
      option.writeSocketAddress(address, 0, "inet", destination, 0);
      expect(calls.sendmsg(fd, buffer, address, 0)).toBeGreaterThan(0);
    }
  } finally {
    calls.close(fd);
  }
}

async function bothMasters(scene: Scene) {
  const [ours, theirs] = await Promise.all([scene.lbctl("r1", config(1)), scene.keepalived("r2", config(2))]);
  for (const name of names) {
    await ours.becomes("master", name);
    await until(
      `keepalived is master of ${name}`,
      () => theirs.log().includes(`(${name}) Entering MASTER STATE`),
      theirs.log,
    );
  }
  return { ours, theirs };
}

test.skipIf(!canMakeNamespaces)(
  "adverts count by check_unicast_src, min_ttl and max_ttl, skip_check_adv_addr, here as with keepalived",
  () =>
    inScene({ nodes: ["r1", "r2", "r3"], addresses: [] }, async (scene) => {
      const { ours, theirs } = await bothMasters(scene);
      const r3 = scene.node("r3");
      const theirsOf = (name: Name) =>
        theirs
          .log()
          .split("\n")
          .filter((line) => line.includes(`(${name})`))
          .join("\n");
      const believes = async (name: Name, priority: number, source = known) => {
        await until(
          `keepalived believes ${priority} of ${name}`,
          () => theirsOf(name).includes(`higher priority ${priority}, ours ${own}`),
          theirs.log,
        );
        await ours.heard(priority, name);
        await ours.becomes("backup", name);
        expect((await ours.instance(name)).reason).toContain(
          `${source} is master with priority ${priority}, own ${own}`,
        );
      };
      const counts = (name: Name, counter: string, times: number) =>
        until(
          `${counter} of ${name} is ${times}`,
          async () => {
            const { counters } = await ours.instance(name);
            return (counters as Readonly<Record<string, number>>)[counter] === times;
          },
          ours.log,
        );
      const tellsIgnored = async (name: Name, source: string, why: string) => {
        const line = `vrrp ${name}: advert from ${source} ignored: ${why}`;
        await until(`its log says "${line}"`, () => ours.log().includes(line), ours.log);
      };

      // One too few and one too many; who has no limits at all is no peer.
      send(r3, "VI_TTL", { priority: 201, ttl: 249 });
      send(r3, "VI_TTL", { priority: 202, ttl: 254 });
      send(r3, "VI_TTL", { priority: 203, ttl: 252, source: unknown });
      await counts("VI_TTL", "ip_ttl_errors", 2);
      await counts("VI_TTL", "address_errors", 1);
      const ignoredTtl = await ours.instance("VI_TTL");
      expect(ignoredTtl).toMatchObject({ state: "master", counters: { advertisements_received: 0 } });
      await tellsIgnored("VI_TTL", known, "TTL 249, wanted 250 to 253: ");
      await tellsIgnored("VI_TTL", unknown, `${unknown} is no unicast_peer`);
      send(r3, "VI_TTL", { priority: 204, ttl: 250 });
      await believes("VI_TTL", 204);
      expect(theirsOf("VI_TTL")).not.toMatch(/higher priority 20[123]/);
      send(r3, "VI_TTL", { priority: 205, ttl: 253 });
      await ours.heard(205, "VI_TTL");

      send(r3, "VI_SOURCE", { priority: 201, source: unknown, ttl: 64 });
      await counts("VI_SOURCE", "address_errors", 1);
      expect(await ours.instance("VI_SOURCE")).toMatchObject({
        state: "master",
        reason: expect.stringContaining(`adverts of ${unknown} are ignored: ${unknown} is no unicast_peer`),
      });
      await tellsIgnored("VI_SOURCE", unknown, `${unknown} is no unicast_peer`);
      send(r3, "VI_SOURCE", { priority: 202, ttl: 64 });
      await believes("VI_SOURCE", 202);
      expect(theirsOf("VI_SOURCE")).not.toContain("higher priority 201");

      send(r3, "VI_ANYBODY", { priority: 201, source: unknown, ttl: 1 });
      await believes("VI_ANYBODY", 201, unknown);

      // The addresses of a master are looked at once; another one's anew.
      const other = ["192.0.2.99"];
      const why = `other virtual addresses than ours, without ${addressOf("VI_SKIPS")}, with ${other}`;
      send(r3, "VI_SKIPS", { priority: 201, addresses: other });
      await counts("VI_SKIPS", "address_list_errors", 1);
      await tellsIgnored("VI_SKIPS", known, why);
      send(r3, "VI_SKIPS", { priority: 202 });
      await believes("VI_SKIPS", 202);
      expect(theirsOf("VI_SKIPS")).not.toContain("higher priority 201");
      // keepalived knows its master by the first that it hears as backup.
      send(r3, "VI_SKIPS", { priority: 202 });
      send(r3, "VI_SKIPS", { priority: 203, addresses: other });
      await ours.heard(203, "VI_SKIPS");
      send(r3, "VI_SKIPS", { priority: 204, addresses: other, source: unknown });
      await counts("VI_SKIPS", "address_list_errors", 2);
      await ours.heard(203, "VI_SKIPS");

      send(r3, "VI_LOOKS", { priority: 202 });
      await believes("VI_LOOKS", 202);
      send(r3, "VI_LOOKS", { priority: 203, addresses: other });
      await counts("VI_LOOKS", "address_list_errors", 1);
      await ours.heard(202, "VI_LOOKS");

      // What a backup of keepalived makes of an advert is told of inferior ones only, in the order in which they come.
      const says = (name: Name, priority: number) => theirsOf(name).includes(`lower priority (${priority})`);
      for (const name of ["VI_SKIPS", "VI_LOOKS"] as const) {
        send(r3, name, { priority: 50, addresses: other });
        send(r3, name, { priority: 51 });
        await until(`keepalived is told of ${name}`, () => says(name, 51), theirs.log);
        await until(
          `lbctl decides as keepalived about ${name}`,
          async () =>
            (await ours.instance(name)).counters.address_list_errors === 2 && says(name, 50) === (name === "VI_SKIPS"),
          ours.log,
        );
      }
    }),
);
