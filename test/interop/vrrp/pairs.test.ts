import { canMakeNamespaces } from "ipvs-netlink/testing";
import { describe, expect, test } from "vitest";
import { until } from "../../e2e/lbctl.ts";
import { front, heartbeat } from "./ethernet.ts";
import { inScene, type Scene } from "./scene.ts";
import type { Frame, WireCapture } from "./wire-capture.ts";

// lbctl is r1, keepalived r2: each of them master, then backup, then master again, under every setting of the wire.

const virtual = "192.0.2.50";
const other = "192.0.2.51";
const virtual6 = "2001:db8::50";

interface Setting {
  readonly name: string;
  readonly version: 2 | 3;
  readonly advertMs: number;
  /** More lines of the instance, which may differ by router. */
  readonly lines?: (self: number, peer: number) => readonly string[];
  /** More blocks of the file. */
  readonly blocks?: (self: number) => readonly string[];
  readonly addresses?: readonly string[];
  /** Display filter of the adverts that there are to be. */
  readonly adverts: string;
  /** Where adverts are. */
  readonly on?: "eth0" | "eth1";
}

const v4 = "ip.dst == 224.0.0.18";
const password = ["authentication {", "  auth_pass s3cret", "}"];
const settings: readonly Setting[] = [
  { name: "v2", version: 2, advertMs: 1000, adverts: v4 },
  {
    name: "v2 with PASS",
    version: 2,
    advertMs: 1000,
    lines: () => [...password.slice(0, 1), "  auth_type PASS", ...password.slice(1)],
    adverts: `${v4} and vrrp.auth_type == 1`,
  },
  {
    name: "v2 with AH",
    version: 2,
    advertMs: 1000,
    lines: () => [...password.slice(0, 1), "  auth_type AH", ...password.slice(1)],
    adverts: `${v4} and ip.proto == 51`,
  },
  {
    name: "v2, a group of one's own",
    version: 2,
    advertMs: 1000,
    // Listed before the one that was there, and yet not what adverts come from.
    blocks: (self) => ["static_ipaddress {", `  203.0.113.${self}/24 dev eth0 scope site`, "}"],
    adverts: "ip.dst == 224.1.101.33",
  },
  { name: "v3", version: 3, advertMs: 100, addresses: [virtual, other], adverts: v4 },
  {
    name: "v3 over IPv6",
    version: 3,
    advertMs: 200,
    addresses: ["fe80::50", virtual6],
    adverts: "ipv6.dst == ff02::12",
  },
  {
    name: "v3, unicast on a heartbeat network",
    version: 3,
    advertMs: 200,
    lines: (self, peer) => [
      `unicast_src_ip ${heartbeat({ number: self })}`,
      "unicast_peer {",
      `  ${heartbeat({ number: peer })}`,
      "}",
    ],
    adverts: "ip.proto == 112",
    on: "eth1",
  },
  { name: "v3 with VMAC", version: 3, advertMs: 200, lines: () => ["use_vmac"], adverts: v4 },
  {
    name: "v3 over IPv6 with VMAC",
    version: 3,
    advertMs: 200,
    lines: () => ["use_vmac"],
    addresses: ["fe80::50", virtual6],
    adverts: "ipv6.dst == ff02::12",
  },
];

function configOf(setting: Setting, self: number, priority: number): string {
  const { version, advertMs, lines, blocks, addresses = [virtual], on = "eth0", name } = setting;
  return [
    "global_defs {",
    `  router_id r${self}`,
    `  vrrp_version ${version}`,
    "  vrrp_garp_master_delay 1",
    ...(name.includes("group") ? ["  vrrp_mcast_group4 224.1.101.33"] : []),
    "}",
    ...(blocks?.(self) ?? []),
    "vrrp_instance VI_1 {",
    "  state BACKUP",
    `  interface ${on}`,
    "  virtual_router_id 51",
    `  priority ${priority}`,
    `  advert_int ${advertMs / 1000}`,
    ...(lines?.(self, 3 - self) ?? []).map((line) => `  ${line}`),
    "  virtual_ipaddress {",
    ...addresses.map(
      (address) => `    ${address}/${address.includes(":") ? 64 : 24}${on === "eth1" ? " dev eth0" : ""}`,
    ),
    "  }",
    "}",
    "",
  ].join("\n");
}

/** An advert but for who sent it, and with what priority. */
function shapeOf(frame: Frame, setting: Setting): Frame {
  const { "vrrp.prio": _, ...rest } = frame;
  const own: Frame = { "ip.src": "", "ipv6.src": "", "eth.src": "" };
  const unicast: Frame = { "ip.dst": "", "eth.dst": "" };
  const isUnicast = setting.on === "eth1";
  // The address that a VMAC has is the same on both.
  const { "eth.src": __, ...named } = own;
  return { ...rest, ...(setting.name.includes("VMAC") ? named : own), ...(isUnicast ? unicast : {}) };
}

async function bothWaysRound(scene: Scene, setting: Setting): Promise<void> {
  const { on = "eth0", advertMs, adverts } = setting;
  const capture = await scene.capture(on);
  const elsewhere = on === "eth1" ? await scene.capture("eth0") : null;
  const theirs = await scene.keepalived("r2", configOf(setting, 2, 100));
  const ours = await scene.lbctl("r1", configOf(setting, 1, 150));
  await scene.holds("r1");
  scene.watch.begin();

  // It leaves, and comes back.
  await ours.stop();
  await scene.holds("r2");
  const again = await scene.lbctl("r1", configOf(setting, 1, 150));
  await scene.holds("r1");

  // A reload of ours, then one of theirs, turns the order round and back.
  await again.reload(configOf(setting, 1, 90));
  await scene.holds("r2");
  await again.becomes("backup");
  await until("it knows its master", async () => (await again.instance()).master?.priority === 100);
  await theirs.reload(configOf(setting, 2, 80));
  await scene.holds("r1");

  await theirs.stop();
  const back = await scene.keepalived("r2", configOf(setting, 2, 120));
  await scene.holds("r2");
  await again.becomes("backup");
  await back.stop();
  await scene.holds("r1");

  // Three intervals and the skew, and what a loaded machine takes to notice.
  expect(scene.watch.violations({ noneMs: 4 * advertMs + 1_500, severalMs: 1_000 })).toEqual([]);
  expect((await again.instance()).counters).toMatchObject({ packet_length_errors: 0 });

  const frames = await capture.frames(`(${adverts}) and vrrp`);
  const sentBy = (node: number) => (frame: Frame) => {
    const source = frame["ip.src"] || frame["ipv6.src"];
    return source === (on === "eth1" ? heartbeat : front)({ number: node }) || source === `fe80::${node}`;
  };
  const distinct = (of: readonly Frame[]): Frame[] =>
    [...new Set(of.map((frame) => JSON.stringify(shapeOf(frame, setting))))].map((text) => JSON.parse(text));
  const [mine, hers] = [frames.filter(sentBy(1)), frames.filter(sentBy(2))];
  expect(mine.length).toBeGreaterThan(5);
  expect(distinct(mine)).toEqual(distinct(hers));
  expect(new Set(mine.map((frame) => frame["vrrp.prio"]))).toEqual(new Set(["150", "90", "0"]));
  await expectPrintedAlike(capture, setting);
  // Nothing of VRRP that is not as it was asked for.
  expect(await capture.frames(`vrrp and not (${adverts})`)).toEqual([]);
  if (elsewhere !== null) expect(await elsewhere.frames("vrrp or eth.dst[0] & 1 and ip.proto == 112")).toEqual([]);
}

/** What tcpdump prints of an advert but for who sent it, to whom by unicast, and when. */
function shapeOfPrinted(text: string, { on }: Setting): string {
  return text
    .replace(/\bid \d+|flowlabel 0x\w+, /, "")
    .replace(/spi=0x\w+,seq=0x\w+,icv=0x\w+/, "")
    .replace(/\S+ > (\S+):/g, on === "eth1" ? "" : "> $1:")
    .replace(/, prio \d+/, "");
}

async function expectPrintedAlike(capture: WireCapture, setting: Setting): Promise<void> {
  const printed = await capture.printedAdverts();
  const shapesBy = (prio: string) =>
    new Set(printed.filter((text) => text.includes(`prio ${prio},`)).map((text) => shapeOfPrinted(text, setting)));
  expect(shapesBy("150").size).toBe(1);
  expect(shapesBy("150")).toEqual(shapesBy("100"));
}

describe.skipIf(!canMakeNamespaces)("with keepalived as the peer", () => {
  for (const setting of settings) {
    test.concurrent(setting.name, () =>
      inScene({ addresses: setting.addresses ?? [virtual] }, (scene) => bothWaysRound(scene, setting)),
    );
  }
});
