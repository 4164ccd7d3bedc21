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

// What a master answers to others: lbctl (r1) and keepalived (r2) hear the same adverts from r3, which also captures what they send.

const own = 250;
/** So long that a regular advert is none of the answers. */
const everyMs = 40_000;
const ipv4HeaderBytes = 20;
const r3 = front({ number: 3 });
const unicast = ["unicast_peer {", `  ${r3}`, "}"];

type Checksum = AdvertSettings["checksum"];
const [now, old] = ["pseudo-header", "old-unicast"] as const satisfies readonly Checksum[];

interface Case {
  readonly id: number;
  readonly lines: readonly string[];
  /** What r3 sends to a master: the last one counts. */
  readonly hears: readonly (readonly [priority: number, Checksum])[];
  /** The checksums of the adverts that it then has sent, from its first one on. */
  readonly told: readonly Checksum[];
  /** keepalived's, where they differ. */
  readonly theirs?: readonly Checksum[];
}

const instances = {
  VI_ANSWERS: { id: 51, lines: [], hears: [[50, now]], told: [now, now] },
  VI_SILENT: { id: 52, lines: ["lower_prio_no_advert"], hears: [[50, now]], told: [now] },
  VI_GOES: { id: 53, lines: [], hears: [[251, now]], told: [now] },
  VI_LAST_WORD: { id: 54, lines: ["higher_prio_send_advert"], hears: [[251, now]], told: [now, now] },
  // keepalived says that it makes them as the old one from then on, and this advert still is not.
  VI_AUTO: { id: 55, lines: unicast, hears: [[50, old]], told: [now, old], theirs: [now, now] },
  VI_OLD: { id: 56, lines: ["old_unicast_checksum", ...unicast], hears: [[50, old]], told: [old, old] },
  VI_NEVER: {
    id: 57,
    lines: ["old_unicast_checksum never", ...unicast],
    hears: [
      [51, old],
      [50, now],
    ],
    told: [now, now],
  },
} as const satisfies Readonly<Record<string, Case>>;
type Name = keyof typeof instances;
const names = Object.keys(instances) as Name[];

const addressOf = (name: Name) => `192.0.2.${instances[name].id}`;
/** They must not hear each other: a virtual router of its own for each. */
const virtualRouterOf = (name: Name, router: number) => instances[name].id + 10 * router;
const isUnicast = (name: Name) => instances[name].lines.some((line) => line.startsWith("unicast_peer"));
const config = (router: number) =>
  globals() +
  names
    .map((name) =>
      instanceText({
        ...{ name, priority: own, addresses: [`${addressOf(name)}/24`], lines: instances[name].lines },
        ...{ virtualRouterId: virtualRouterOf(name, router), advertMs: everyMs },
      }),
    )
    .join("");

const settingsOf = (name: Name, router: number, checksum: Checksum): AdvertSettings => ({
  ...{ ...captureSettings.v3, addresses: [addressOf(name)], advertMs: everyMs, checksum },
  virtualRouterId: virtualRouterOf(name, router),
});

/** An advert of r3 to both routers. */
function send(node: Node, name: Name, priority: number, checksum: Checksum = now): void {
  const calls = native();
  const fd = calls.socketInNamespace(node.path, option.AF_INET, option.SOCK_RAW, option.IPPROTO_RAW);
  expect(fd).toBeGreaterThan(0);
  try {
    calls.setsockopt(fd, option.SOL_SOCKET, option.SO_BINDTODEVICE, Buffer.from("eth0\0"));
    for (const router of [1, 2]) {
      const destination = isUnicast(name) ? front({ number: router }) : "224.0.0.18";
      const to = { ...settingsOf(name, router, checksum), source: r3, destination };
      const { buffer } = encodeAdvert(Buffer.alloc(encodedBytes(to)), 0, to, priority);
      const address = Buffer.alloc(option.SOCKADDR_BYTES.inet);
      option.writeSocketAddress(address, 0, "inet", destination, 0);
      expect(calls.sendmsg(fd, buffer, address, 0)).toBeGreaterThan(0);
    }
  } finally {
    calls.close(fd);
  }
}

/** As a router's advert of an instance has to have it. */
function checksumOf(name: Name, router: number, checksum: Checksum): number {
  const destination = isUnicast(name) ? r3 : "224.0.0.18";
  const settings = { ...settingsOf(name, router, checksum), source: front({ number: router }), destination };
  const { buffer } = encodeAdvert(Buffer.alloc(encodedBytes(settings)), 0, settings, own);
  return buffer.readUInt16BE(ipv4HeaderBytes + 6);
}

async function start(scene: Scene) {
  const [ours, theirs] = await Promise.all([scene.lbctl("r1", config(1)), scene.keepalived("r2", config(2))]);
  const theyTell = (name: Name, text: string) =>
    until(`keepalived tells of ${name}: ${text}`, () => theirs.log().includes(`(${name}) ${text}`), theirs.log);
  return { ours, theirs, theyTell };
}

test.skipIf(!canMakeNamespaces)(
  "lower_prio_no_advert, higher_prio_send_advert, old_unicast_checksum: the same answers as keepalived's",
  () =>
    inScene({ nodes: ["r1", "r2", "r3"], addresses: [] }, async (scene) => {
      const { ours, theirs, theyTell } = await start(scene);
      const node = scene.node("r3");
      const wire = await scene.capture("eth0");
      for (const name of names) {
        await theyTell(name, "Entering BACKUP STATE");
        await ours.becomes("backup", name);
      }
      const beganMs = performance.now();
      for (const name of names) {
        // A master that they know, and that resigns.
        for (const priority of [255, 0]) send(node, name, priority, instances[name].told[0]);
      }
      for (const name of names) {
        await ours.becomes("master", name);
        await theyTell(name, "Entering MASTER STATE");
      }
      for (const name of names) for (const [priority, sum] of instances[name].hears) send(node, name, priority, sum);
      for (const name of names) {
        const [priority] = instances[name].hears.at(-1) as Case["hears"][number];
        if (priority > own) {
          await ours.becomes("backup", name);
          await theyTell(name, `Master received advert from ${r3} with higher priority ${priority}`);
        } else {
          await theyTell(name, `Received advert from ${r3} with lower priority ${priority}`);
          const hasHeard = async () => (await ours.instance(name)).counters.other_master_seen === 1;
          await until(`${name} has heard ${priority}`, hasHeard, ours.log);
        }
      }
      expect(theirs.log()).not.toContain("with lower priority 51");
      expect((await ours.instance("VI_NEVER")).reason).toContain(
        `adverts of ${r3} are ignored: checksum of keepalived 1.3.6 or earlier, and old_unicast_checksum is never`,
      );
      // What it says of this one it says after it has answered the others.
      send(node, "VI_SILENT", 49);
      await theyTell("VI_SILENT", `Received advert from ${r3} with lower priority 49`);
      const frames = await wire.frames("vrrp", ["ip.src", "vrrp.virt_rtr_id", "vrrp.prio", "vrrp.checksum"]);
      const isLong = performance.now() - beganMs > everyMs;
      for (const name of names) {
        for (const router of [1, 2]) {
          const its = frames.filter(
            (frame) =>
              frame["ip.src"] === front({ number: router }) &&
              Number(frame["vrrp.virt_rtr_id"]) === virtualRouterOf(name, router),
          );
          const told = its.map((frame) => [name, router, Number(frame["vrrp.prio"]), Number(frame["vrrp.checksum"])]);
          const { told: ourSums, theirs: theirSums = ourSums }: Case = instances[name];
          const sums = router === 1 ? ourSums : theirSums;
          const wanted = sums.map((checksum) => [name, router, own, checksumOf(name, router, checksum)]);
          // Where it took longer regular adverts would be between them.
          expect(isLong ? told.slice(0, 1) : told).toEqual(isLong ? wanted.slice(0, 1) : wanted);
        }
      }
    }),
);
