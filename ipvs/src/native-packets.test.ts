import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAddress } from "./address.ts";
import { type Native, native } from "./native.ts";
import { canMakeNamespaces, makeNamespace, type Namespace } from "./testing/namespace.ts";

const AF_INET = 2;
const AF_INET6 = 10;
const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOL_SOCKET = 1;
const SO_BINDTODEVICE = 25;
const IPPROTO_IP = 0;
const IPPROTO_IPV6 = 41;
const IP_PKTINFO = 8;
const IP_RECVTTL = 12;
const IP_FREEBIND = 15;
const IP_MULTICAST_IF = 32;
const IP_MULTICAST_TTL = 33;
const IP_ADD_MEMBERSHIP = 35;
const IPV6_CHECKSUM = 7;
const IPV6_MULTICAST_IF = 17;
const IPV6_MULTICAST_HOPS = 18;
const IPV6_ADD_MEMBERSHIP = 20;
const IPV6_RECVPKTINFO = 49;
const IPV6_RECVHOPLIMIT = 51;
const IPPROTO_VRRP = 112;
const ETH_P_ARP = 0x0806;
const ROW_FIELDS = 8;
const RESULT = 7;
const PACKET_INFO_FIELDS = 6;

const int32 = (...values: number[]) => new Uint8Array(Int32Array.from(values).buffer);
const octets4 = (text: string) => (parseAddress(text) as Uint8Array).subarray(0, 4);
const octets16 = (text: string) => parseAddress(text) as Uint8Array;

/** struct sockaddr_in. */
const inet = (text: string) =>
  Buffer.concat([Uint16Array.of(AF_INET), new Uint8Array(2), octets4(text), new Uint8Array(8)].map(bytes));
/** struct sockaddr_in6 with a scope. */
const inet6 = (text: string, index: number) =>
  Buffer.concat([bytes(Uint16Array.of(AF_INET6)), new Uint8Array(6), octets16(text), int32(index)]);

function bytes(view: Uint8Array | Uint16Array): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** What sendBatch takes: the parts of all rows in one memory. */
function batchOf(rows: readonly { fd: number; data: Uint8Array; address?: Uint8Array }[]) {
  const memory = Buffer.concat(rows.flatMap(({ data, address = new Uint8Array() }) => [data, address]));
  const table = new Int32Array(rows.length * ROW_FIELDS);
  let at = 0;
  for (const [index, { fd, data, address }] of rows.entries()) {
    const addressBytes = address?.length ?? 0;
    table.set([fd, at, data.length, at + data.length, addressBytes, 0, 0, 0], index * ROW_FIELDS);
    at += data.length + addressBytes;
  }
  return { memory, table, count: rows.length };
}
const results = (table: Int32Array) => Array.from(table).filter((_, index) => index % ROW_FIELDS === RESULT);

describe.skipIf(!canMakeNamespaces)("raw and packet sockets between two namespaces", () => {
  let here: Namespace;
  let there: Namespace;
  let calls: Native;
  let eth: number;
  let peer: number;
  const opened: number[] = [];

  beforeAll(() => {
    calls = native();
    here = makeNamespace();
    there = makeNamespace();
    here.ip(`link add name eth0 type veth peer name eth0 netns ${there.name}`);
    for (const [namespace, host] of [
      [here, 1],
      [there, 2],
    ] as const) {
      namespace.ip("link set eth0 up");
      namespace.ip(`addr add 192.0.2.${host}/24 dev eth0`);
      namespace.ip(`addr add fe80::${host}/64 dev eth0 nodad`);
    }
    eth = here.ipJson("link show eth0")[0]?.ifindex as number;
    peer = there.ipJson("link show eth0")[0]?.ifindex as number;
  });
  afterAll(() => {
    for (const fd of opened) calls.close(fd);
    here.delete();
    there.delete();
  });

  const socket = (namespace: Namespace, domain: number, type: number, protocol: number): number => {
    const fd = calls.socketInNamespace(namespace.path, domain, type | SOCK_NONBLOCK, protocol);
    expect(fd).toBeGreaterThan(2);
    opened.push(fd);
    return fd;
  };
  const set = (fd: number, level: number, name: number, value: Uint8Array) =>
    expect(calls.setsockopt(fd, level, name, value)).toBe(0);

  /** Receives until there were so many packets. */
  async function receive(fd: number, wanted: number) {
    const data = Buffer.alloc(16 * 256);
    const info = new Int32Array(16 * PACKET_INFO_FIELDS);
    const addresses = Buffer.alloc(16 * 128);
    const packets: { data: Buffer; source: Buffer; destination: Buffer; hopLimit: number; interface: number }[] = [];
    await expect
      .poll(() => {
        const count = calls.receivePackets(fd, data, 16, info, addresses, 0);
        for (let slot = 0; slot < count; slot++) {
          const [length = 0, , sender = 0, hopLimit = 0, index = 0] = info.subarray(slot * PACKET_INFO_FIELDS);
          packets.push({
            data: Buffer.from(data.subarray(slot * 256, slot * 256 + length)),
            source: Buffer.from(addresses.subarray(slot * 128, slot * 128 + sender)),
            destination: Buffer.from(addresses.subarray(slot * 128 + 64, slot * 128 + 80)),
            hopLimit,
            interface: index,
          });
        }
        return packets.length;
      })
      .toBe(wanted);
    return packets;
  }

  test("IPv4 multicast: sent in a batch, received with TTL, interface, source and destination", async () => {
    const sender = socket(here, AF_INET, SOCK_RAW, IPPROTO_VRRP);
    const receiver = socket(there, AF_INET, SOCK_RAW, IPPROTO_VRRP);
    const group = octets4("224.0.0.18");
    set(sender, IPPROTO_IP, IP_MULTICAST_IF, Buffer.concat([new Uint8Array(8), int32(eth)]));
    set(sender, IPPROTO_IP, IP_MULTICAST_TTL, int32(255));
    set(receiver, SOL_SOCKET, SO_BINDTODEVICE, Buffer.from("eth0\0"));
    set(receiver, IPPROTO_IP, IP_ADD_MEMBERSHIP, Buffer.concat([group, new Uint8Array(4), int32(peer)]));
    set(receiver, IPPROTO_IP, IP_RECVTTL, int32(1));
    set(receiver, IPPROTO_IP, IP_PKTINFO, int32(1));

    const adverts = Array.from({ length: 10 }, (_, n) => ({
      fd: sender,
      data: Buffer.from(`advert ${n}`),
      address: inet("224.0.0.18"),
    }));
    const { memory, table, count } = batchOf(adverts);
    expect(calls.sendBatch(memory, table, count, 0)).toBe(10);
    expect(results(table)).toEqual(adverts.map(({ data }) => data.length));

    const packets = await receive(receiver, 10);
    for (const [n, packet] of packets.entries()) {
      expect(packet.data.subarray(20).toString()).toBe(`advert ${n}`);
      expect(packet).toMatchObject({ hopLimit: 255, interface: peer });
      expect([...packet.source.subarray(4, 8)]).toEqual([192, 0, 2, 1]);
      expect([...packet.destination.subarray(0, 4)]).toEqual([...group]);
    }
  });

  test("IPv6 multicast: the kernel computes the checksum where it is told to", async () => {
    const sender = socket(here, AF_INET6, SOCK_RAW, IPPROTO_VRRP);
    const receiver = socket(there, AF_INET6, SOCK_RAW, IPPROTO_VRRP);
    const group = octets16("ff02::12");
    set(sender, IPPROTO_IPV6, IPV6_MULTICAST_IF, int32(eth));
    set(sender, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, int32(255));
    set(sender, IPPROTO_IPV6, IPV6_CHECKSUM, int32(6));
    set(receiver, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, Buffer.concat([group, int32(peer)]));
    set(receiver, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, int32(1));
    set(receiver, IPPROTO_IPV6, IPV6_RECVPKTINFO, int32(1));
    const { memory, table, count } = batchOf([
      { fd: sender, data: Buffer.alloc(8, 0), address: inet6("ff02::12", eth) },
    ]);
    expect(calls.sendBatch(memory, table, count, 0)).toBe(1);
    const [packet] = await receive(receiver, 1);
    expect(packet).toMatchObject({ hopLimit: 255, interface: peer });
    expect(packet?.data.readUInt16BE(6)).not.toBe(0);
    expect(packet?.source.subarray(8, 24)).toEqual(Buffer.from(octets16("fe80::1")));
    expect(packet?.destination).toEqual(Buffer.from(group));
  });

  test("a packet socket sends a frame from any MAC address and hears it", async () => {
    const sender = socket(here, AF_PACKET, SOCK_RAW, 0);
    const receiver = socket(there, AF_PACKET, SOCK_RAW, 0);
    const linkLayer = (index: number) =>
      Buffer.concat([
        bytes(Uint16Array.of(AF_PACKET)),
        Buffer.from([ETH_P_ARP >> 8, ETH_P_ARP & 0xff]),
        int32(index),
        new Uint8Array(12),
      ]);
    expect(calls.bind(receiver, linkLayer(peer))).toBe(0);
    const frame = Buffer.concat([
      Buffer.from("ffffffffffff00005e0001330806", "hex"),
      Buffer.from("000108000604000100005e000133c0000232ffffffffffffc0000232", "hex"),
    ]);
    const { memory, table } = batchOf([{ fd: sender, data: frame, address: linkLayer(eth) }]);
    expect(calls.sendBatch(memory, table, 1, 0)).toBe(1);
    const packets = await receive(receiver, 1);
    expect(packets[0]?.data.subarray(0, frame.length)).toEqual(frame);
    expect(packets[0]?.source.readInt32LE(4)).toBe(peer);
    expect(packets[0]?.hopLimit).toBe(-1);
  });

  test("a row that fails says why and does not stop the others; descriptors may alternate", async () => {
    const one = socket(here, AF_INET, SOCK_RAW, 253);
    const other = socket(here, AF_INET, SOCK_RAW, 254);
    const receiver = socket(there, AF_INET, SOCK_RAW, 253);
    const to = inet("192.0.2.2");
    const data = Buffer.from("x");
    const rows = [
      { fd: one, data, address: inet("203.0.113.1") },
      { fd: one, data, address: to },
      { fd: other, data, address: to },
      { fd: one, data: Buffer.alloc(70_000), address: to },
      { fd: one, data, address: to },
      { fd: 9999, data, address: to },
    ];
    const { memory, table, count } = batchOf(rows);
    const { ENETUNREACH, EMSGSIZE, EBADF } = constants.errno;
    expect(calls.sendBatch(memory, table, count, 0)).toBe(3);
    expect(results(table)).toEqual([-ENETUNREACH, 1, 1, -EMSGSIZE, 1, -EBADF]);
    await receive(receiver, 2);
    const beyond = Int32Array.of(one, 0, memory.length + 1, 0, 0, 0, 0, 0);
    expect(() => calls.sendBatch(memory, beyond, 1, 0)).toThrow("beyond memory");
    expect(() => calls.sendBatch(memory, Int32Array.of(one, -1, 1, 0, 0, 0, 0, 0), 1, 0)).toThrow("beyond memory");
    expect(() => calls.sendBatch(memory, beyond, 2, 0)).toThrow("fit the table");
    expect(() => calls.receivePackets(one, new Uint8Array(8), 2, new Int32Array(9), null, 0)).toThrow("slots");
  });

  test("IP_FREEBIND binds an address that is not there yet", () => {
    const fd = socket(here, AF_INET, SOCK_DGRAM, 0);
    expect(calls.bind(fd, inet("203.0.113.77"))).toBe(-constants.errno.EADDRNOTAVAIL);
    set(fd, IPPROTO_IP, IP_FREEBIND, int32(1));
    expect(calls.bind(fd, inet("203.0.113.77"))).toBe(0);
  });
});

describe.skipIf(!canMakeNamespaces)("settings of the process", () => {
  /** Runs an expression of `calls` in a process of its own and answers what it prints. */
  const inChild = (script: string): string => {
    const preamble = `import { readFileSync } from "node:fs"; import { execFileSync } from "node:child_process"; const { native } = await import(${JSON.stringify(import.meta.resolve("./native.ts"))}); const calls = native();`;
    return execFileSync(process.execPath, ["--input-type=module", "-e", `${preamble} ${script}`], { encoding: "utf8" });
  };
  /** Fields 40 and 41 of stat(5) behind the name: priority and policy. */
  const scheduling = `const scheduling = (stat) => stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(37, 39).join(" ");`;

  test("real-time scheduling of the main thread, which children do not inherit", () => {
    const script = `${scheduling}
      const results = [calls.setScheduler(0, 2, 50), calls.setScheduler(0, 2, 500)];
      const child = execFileSync("cat", ["/proc/self/stat"], { encoding: "utf8" });
      console.log(results.join(" "), "|", scheduling(readFileSync("/proc/thread-self/stat", "utf8")), "|", scheduling(child.trim()));`;
    expect(inChild(script).trim()).toBe(`0 ${-constants.errno.EINVAL} | 50 2 | 0 0`);
  });

  test("CPU affinity", () => {
    const allowed = /^Cpus_allowed_list:\t(\d+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
    const script = `const results = [calls.setAffinity(0, Int32Array.of(${allowed})), calls.setAffinity(0, Int32Array.of()), calls.setAffinity(0, Int32Array.of(5000))];
      console.log(results.join(" "), /Cpus_allowed_list:\\t(.*)/.exec(readFileSync("/proc/thread-self/status", "utf8"))[1]);`;
    const { EINVAL } = constants.errno;
    expect(inChild(script).trim()).toBe(`0 ${-EINVAL} ${-EINVAL} ${allowed}`);
  });

  test("memory is locked, and unlocked", () => {
    const script = `const locked = () => Number(/VmLck:\\s*(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]) > 0;
      const before = locked(); const result = calls.lockMemory(1); const during = locked();
      console.log(before, result, during, calls.lockMemory(0), locked());`;
    expect(inChild(script).trim()).toBe("false 0 true 0 false");
  });

  test("locked memory does not keep V8 from giving back what it compiled", () => {
    const script = `calls.lockMemory(1);
      (await import("node:v8")).setFlagsFromString("--expose-gc");
      const collect = (await import("node:vm")).runInNewContext("gc");
      for (let round = 0; round < 3; round++) {
        for (let nth = 0; nth < 1000; nth++) {
          const compiled = new Function("a", "let s = 0; for (let i = 0; i < 2000; i++) s += a * i + " + nth + "; return s;");
          for (let time = 0; time < 30; time++) compiled(time);
        }
        collect({ type: "major", execution: "sync", flavor: "last-resort" });
      }
      console.log("lives");`;
    expect(inChild(script).trim()).toBe("lives");
  });

  test("resource limits", () => {
    const script = `const result = calls.setResourceLimit(15, 20000, -1);
      console.log(result, /Max realtime timeout\\s+(.*)/.exec(readFileSync("/proc/self/limits", "utf8"))[1].trim().replace(/\\s+/g, " "));
      console.log(calls.setResourceLimit(15, 30000, 20000));`;
    expect(inChild(script).trim()).toBe(`0 20000 unlimited us\n${-constants.errno.EINVAL}`);
  });
});
