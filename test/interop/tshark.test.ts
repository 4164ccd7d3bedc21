import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AdvertSettings } from "../../src/vrrp/packet/advert.ts";
import { passwordOctets } from "../../src/vrrp/packet/authentication-header.ts";
import { encodeAdvert, encodedBytes, signAdverts, stampAdvert } from "../../src/vrrp/packet/encode-advert.ts";
import { GRATUITOUS_ARP_BYTES, writeGratuitousArp } from "../../src/vrrp/packet/gratuitous-arp.ts";
import { virtualRouterMac } from "../../src/vrrp/packet/mac-address.ts";
import {
  NEIGHBOUR_ADVERTISEMENT_BYTES,
  writeNeighbourAdvertisement,
} from "../../src/vrrp/packet/neighbour-advertisement.ts";
import { writePcap } from "../../src/vrrp/packet/testing/captures.ts";
import { activeKey, captureSettings } from "../../src/vrrp/packet/testing/settings.ts";

// What somebody sees who looks at our traffic with tshark (or Wireshark), field by field.

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "lbctl-tshark-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

type Fields = Readonly<Record<string, string>>;

/** The fields of every frame, as tshark reads them; absent ones are empty, several of one name are joined by commas. */
async function dissect(frames: readonly Buffer[], names: readonly string[]): Promise<Fields[]> {
  const file = join(directory, "frames.pcap");
  await writeFile(file, writePcap(frames));
  const { stdout } = await promisify(execFile)("tshark", [
    ...["-r", file, "-o", "ip.check_checksum:TRUE", "-T", "fields"],
    ...names.flatMap((name) => ["-e", name]),
  ]);
  const rows = stdout.split("\n").slice(0, frames.length);
  return rows.map((row) => Object.fromEntries(row.split("\t").map((value, at) => [names[at], value])));
}

/** The advert with what the kernel puts before it. */
function frameOf(settings: AdvertSettings, priority: number): Buffer {
  const inet6 = settings.family === "inet6";
  const before = inet6 ? 54 : 14;
  const bytes = encodedBytes(settings);
  const frame = Buffer.alloc(before + bytes);
  const encoded = encodeAdvert(frame, before, settings, priority);
  if (settings.signed) signAdverts([encoded], activeKey, { high: 1_795_214_385, low: 7 });
  stampAdvert(encoded, 4711, 42);
  frame.writeUInt16BE(inet6 ? 0x86dd : 0x0800, 12);
  if (inet6) {
    frame[14] = 0x60;
    frame.writeUInt16BE(bytes, 18);
    frame[20] = 112;
    frame[21] = settings.ttl;
    frame.set(encoded.sourceOctets, 22);
    frame.set(encodeAdvert(Buffer.alloc(9000), 0, { ...settings, source: settings.destination }, 1).sourceOctets, 38);
  }
  return frame;
}

const { v2, v3 } = captureSettings;
const v6 = captureSettings["v3-ipv6"];
const many = Array.from({ length: 255 }, (_, nth) => `10.0.${nth}.1`);

/** tshark's word for a checksum that is right, one that is not, one that it did not look at. */
const GOOD = "1";
const BAD = "0";

test("adverts read as they were meant", async () => {
  const adverts: [AdvertSettings, number, Fields][] = [
    [v2, 150, { "vrrp.adver_int": "1", "vrrp.auth_type": "0" }],
    [{ ...v2, advertMs: 255_000, virtualRouterId: 255, ttl: 64 }, 0, { "vrrp.adver_int": "255" }],
    [
      { ...v2, authentication: { type: "PASS", password: passwordOctets("s3cret") } },
      254,
      { "vrrp.auth_type": "1", "vrrp.auth_string": "s3cret" },
    ],
    [
      { ...v2, authentication: { type: "AH", password: passwordOctets("s3cret") } },
      1,
      { "ip.proto": "51", "ah.sequence": "4711", "ah.spi": "0xc0000201", "vrrp.auth_type": "2" },
    ],
    [{ ...v2, addresses: many }, 100, { "vrrp.addr_count": "255", "vrrp.ip_addr": many.join(",") }],
    [v3, 255, { "vrrp.short_adver_int": "100" }],
    [{ ...v3, destination: "192.0.2.2", advertMs: 40_950 }, 100, { "vrrp.short_adver_int": "4095" }],
    [{ ...v3, addresses: [] }, 100, { "vrrp.addr_count": "0", "vrrp.ip_addr": "" }],
    [v6, 150, { "vrrp.ipv6_addr": "fe80::100,2001:db8::100", "ipv6.hlim": "255" }],
    // The checksum over IPv6 covers the signature, as does tshark's.
    [{ ...v6, signed: true }, 150, {}],
    // tshark has no idea of v3_checksum_as_v2, as little as for keepalived's.
    [{ ...v3, checksum: "message" }, 150, { "vrrp.checksum.status": BAD }],
  ];
  const told = adverts.map(([settings, priority, more]): Fields => {
    const inet = settings.family === "inet";
    return {
      "ip.checksum.status": inet ? GOOD : "",
      "ip.dsfield": inet ? "0xc0" : "",
      "ip.src": inet ? settings.source : "",
      "ip.dst": inet ? settings.destination : "",
      "ip.ttl": inet ? String(settings.ttl) : "",
      "vrrp.version": String(settings.version),
      "vrrp.type": "1",
      "vrrp.virt_rtr_id": String(settings.virtualRouterId),
      "vrrp.prio": String(priority),
      "vrrp.checksum.status": GOOD,
      ...more,
    };
  });
  const names = [...new Set(told.flatMap((fields) => Object.keys(fields)))];
  const read = await dissect(
    adverts.map(([settings, priority]) => frameOf(settings, priority)),
    [...names, "_ws.malformed"],
  );
  for (const [nth, fields] of told.entries()) expect(read[nth]).toMatchObject({ ...fields, "_ws.malformed": "" });
});

test("announcements read as they were meant", async () => {
  const arp = Buffer.alloc(GRATUITOUS_ARP_BYTES);
  writeGratuitousArp(arp, 0, virtualRouterMac("inet", 51), "192.0.2.100");
  const advertisement = Buffer.alloc(NEIGHBOUR_ADVERTISEMENT_BYTES);
  const mac = virtualRouterMac("inet6", 51);
  writeNeighbourAdvertisement(advertisement, 0, { mac, address: "2001:db8::100", router: true });
  const ofArp = {
    "eth.dst": "ff:ff:ff:ff:ff:ff",
    "arp.opcode": "1",
    "arp.isgratuitous": "1",
    "arp.src.hw_mac": "00:00:5e:00:01:33",
    "arp.src.proto_ipv4": "192.0.2.100",
    "arp.dst.proto_ipv4": "192.0.2.100",
  };
  const ofAdvertisement = {
    "eth.dst": "33:33:00:00:00:01",
    "ipv6.src": "2001:db8::100",
    "ipv6.dst": "ff02::1",
    "ipv6.hlim": "255",
    "icmpv6.type": "136",
    "icmpv6.checksum.status": GOOD,
    "icmpv6.nd.na.target_address": "2001:db8::100",
    "icmpv6.nd.na.flag.r": "1",
    "icmpv6.nd.na.flag.s": "0",
    "icmpv6.nd.na.flag.o": "1",
    "icmpv6.opt.linkaddr": "00:00:5e:00:02:33",
  };
  const names = [...Object.keys(ofArp), ...Object.keys(ofAdvertisement), "_ws.malformed"];
  const [first, second] = await dissect([arp, advertisement], [...new Set(names)]);
  expect(first).toMatchObject({ ...ofArp, "_ws.malformed": "" });
  expect(second).toMatchObject({ ...ofAdvertisement, "_ws.malformed": "" });
});
