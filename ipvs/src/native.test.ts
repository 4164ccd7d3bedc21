import { createSocket } from "node:dgram";
import { once } from "node:events";
import { closeSync } from "node:fs";
import { constants, endianness } from "node:os";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, test } from "vitest";
import { addonError, type Native, native } from "./native.ts";
import { openSocketTransport } from "./netlink/socket-transport.ts";

const AF_UNIX = 1;
const AF_INET = 2;
const AF_PACKET = 17;
const SOCK_DGRAM = 2;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const MSG_TRUNC = 0x20;
const MSG_DONTWAIT = 0x40;
const READABLE = 1;
const ERROR = 16;
const { EAGAIN, EBADF, ECONNREFUSED, EINVAL, ENOENT, EAFNOSUPPORT } = constants.errno;

const opened: number[] = [];
afterEach(() => {
  for (const fd of opened.splice(0)) native().close(fd);
});

function socket(domain: number, type = SOCK_DGRAM, protocol = 0): { calls: Native; fd: number } {
  const calls = native();
  const fd = calls.socket(domain, type, protocol);
  expect(fd).toBeGreaterThan(2);
  opened.push(fd);
  return { calls, fd };
}

/** Abstract address, unique to this process. */
function unixAddress(name: string): Uint8Array {
  const family = Buffer.from(Uint16Array.of(AF_UNIX).buffer);
  return Buffer.concat([family, Buffer.from(`\0ipvs-netlink-test-${process.pid}-${name}`)]);
}

function inetAddress(port: number): Uint8Array {
  const address = new Uint8Array(16);
  address.set(new Uint8Array(Uint16Array.of(AF_INET).buffer));
  address.set([port >> 8, port & 0xff, 127, 0, 0, 1], 2);
  return address;
}

const until = (condition: () => boolean) => expect.poll(condition).toBe(true);

describe("sockets", () => {
  test("AF_UNIX datagrams: gathered from several buffers, received in one batch with lengths and senders", () => {
    const { calls, fd: receiver } = socket(AF_UNIX);
    const { fd: sender } = socket(AF_UNIX);
    expect(calls.bind(receiver, unixAddress("receiver"))).toBe(0);
    expect(calls.bind(sender, unixAddress("sender"))).toBe(0);
    expect(calls.connect(sender, unixAddress("receiver"))).toBe(0);
    expect(calls.sendmsg(sender, [Buffer.from("he"), Buffer.from("llo")], null, 0)).toBe(5);
    expect(calls.sendmsg(sender, Buffer.from("longer than a slot"), null, 0)).toBe(18);
    expect(calls.sendmsg(sender, Buffer.alloc(0), unixAddress("receiver"), 0)).toBe(0);
    const data = Buffer.alloc(4 * 8);
    const info = new Int32Array(4 * 3);
    const addresses = Buffer.alloc(4 * 128);
    expect(calls.recvmmsg(receiver, data, 4, info, addresses, MSG_DONTWAIT)).toBe(3);
    expect(data.subarray(0, 5).toString()).toBe("hello");
    expect([info[0], info[3], info[6]]).toEqual([5, 8, 0]);
    expect([info[1], info[4], info[7]].map((flags) => (flags as number) & MSG_TRUNC)).toEqual([0, MSG_TRUNC, 0]);
    expect(addresses.subarray(0, info[2])).toEqual(Buffer.from(unixAddress("sender")));
    expect(calls.recvmmsg(receiver, data, 4, info, null, MSG_DONTWAIT)).toBe(-EAGAIN);
  });

  test("options and names", () => {
    const { calls, fd } = socket(AF_INET);
    expect(calls.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, new Uint8Array(Int32Array.of(8192).buffer))).toBe(0);
    const value = new Int32Array(1);
    expect(calls.getsockopt(fd, SOL_SOCKET, SO_RCVBUF, new Uint8Array(value.buffer))).toBe(4);
    expect(value[0]).toBe(2 * 8192);
    expect(calls.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, new Uint8Array(1))).toBe(-EINVAL);
    expect(calls.bind(fd, inetAddress(0))).toBe(0);
    const name = new Uint8Array(28);
    expect(calls.getsockname(fd, name)).toBe(16);
    expect([...name.subarray(4, 8)]).toEqual([127, 0, 0, 1]);
  });

  test("errors are -errno; wrong types are TypeErrors that name the argument", () => {
    const { calls, fd } = socket(AF_INET);
    expect(calls.socket(999, SOCK_DGRAM, 0)).toBe(-EAFNOSUPPORT);
    expect(calls.bind(-1, inetAddress(0))).toBe(-EBADF);
    expect(() => calls.socket("2" as unknown as number, 0, 0)).toThrow("domain must be a number");
    expect(() => calls.bind(fd, "127.0.0.1" as unknown as Uint8Array)).toThrow("address must be a Uint8Array");
    expect(() => calls.bind(fd, new Uint16Array(8) as unknown as Uint8Array)).toThrow("address must be a Uint8Array");
    expect(() => calls.sendmsg(fd, [1] as unknown as Uint8Array[], null, 0)).toThrow("buffers must be");
    const many = Array.from({ length: 65 }, () => new Uint8Array(1));
    expect(() => calls.sendmsg(fd, many, null, 0)).toThrow("at most 64");
    const info = new Int32Array(6);
    expect(() => calls.recvmmsg(fd, new Uint8Array(8), 3, info, null, 0)).toThrow("slots");
    expect(() => calls.recvmmsg(fd, new Uint8Array(8), 0, info, null, 0)).toThrow("slots");
    expect(() => calls.recvmmsg(fd, new Uint8Array(8), 2, info, new Uint8Array(128), 0)).toThrow("slots");
    expect(() => calls.watch(fd, READABLE, null as unknown as () => void)).toThrow("callback must be a function");
  });

  test("only descriptors opened here are closed, once", () => {
    const calls = native();
    const fd = calls.socket(AF_INET, SOCK_DGRAM, 0);
    expect(calls.close(1)).toBe(-EBADF);
    expect(calls.close(fd)).toBe(0);
    expect(calls.close(fd)).toBe(-EBADF);
    expect(calls.detach(fd)).toBe(-EBADF);
  });

  test("a detached descriptor stays open and is no longer ours", () => {
    const { calls, fd } = socket(AF_INET);
    expect(calls.detach(fd)).toBe(0);
    expect(calls.close(fd)).toBe(-EBADF);
    expect(calls.getsockname(fd, new Uint8Array(16))).toBe(16);
    closeSync(fd);
  });

  test.skipIf(process.getuid?.() !== 0)("raw and packet sockets", async () => {
    const ETH_P_ALL = 3;
    const { calls, fd: packet } = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, ETH_P_ALL << 8);
    // struct sockaddr_ll: family, protocol be16, interface index; loopback is 1
    const loopback = Buffer.alloc(20);
    loopback.set(new Uint8Array(Uint16Array.of(AF_PACKET).buffer));
    loopback.writeUInt16BE(ETH_P_ALL, 2);
    loopback.set(new Uint8Array(Int32Array.of(1).buffer), 4);
    expect(calls.bind(packet, loopback)).toBe(0);
    const EXPERIMENTAL = 253;
    const { fd: sender } = socket(AF_INET, SOCK_RAW, EXPERIMENTAL);
    const { fd: receiver } = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK, EXPERIMENTAL);
    const mark = Buffer.from(`ipvs-netlink ${process.pid}`);
    expect(calls.sendmsg(sender, mark, inetAddress(0), 0)).toBe(mark.length);
    const data = Buffer.alloc(16 * 256);
    const info = new Int32Array(16 * 3);
    await until(() => {
      const count = calls.recvmmsg(receiver, data, 16, info, null, 0);
      return count > 0 && data.subarray(0, info[0]).includes(mark);
    });
    await until(() => {
      const count = calls.recvmmsg(packet, data, 16, info, null, 0);
      return count > 0 && data.includes(mark);
    });
  });
});

describe("watch", () => {
  test("calls back while readable, until unwatched", async () => {
    const { calls, fd } = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK);
    const { fd: sender } = socket(AF_UNIX);
    calls.bind(fd, unixAddress("watched"));
    const data = Buffer.alloc(64);
    const info = new Int32Array(3);
    const received: string[] = [];
    const events: number[] = [];
    const receive = (ready: number) => {
      events.push(ready);
      if (calls.recvmmsg(fd, data, 1, info, null, 0) === 1) received.push(data.toString("utf8", 0, info[0]));
    };
    expect(calls.watch(fd, READABLE, receive)).toBe(0);
    calls.sendmsg(sender, Buffer.from("one"), unixAddress("watched"), 0);
    await until(() => received.length === 1);
    calls.sendmsg(sender, Buffer.from("two"), unixAddress("watched"), 0);
    await until(() => received.length === 2);
    expect(received).toEqual(["one", "two"]);
    expect(events).toEqual([READABLE, READABLE]);
    expect(calls.unwatch(fd)).toBe(0);
    calls.sendmsg(sender, Buffer.from("three"), unixAddress("watched"), 0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(received.length).toBe(2);
    // A second watch sees what is waiting; replacing it from within the callback is allowed.
    calls.watch(fd, READABLE, () => calls.watch(fd, READABLE, receive));
    await until(() => received.length === 3);
  });

  test("an error on the socket is reported, and watching goes on", async () => {
    const unused = createSocket("udp4").bind(0, "127.0.0.1");
    await once(unused, "listening");
    const { port } = unused.address();
    unused.close();
    await once(unused, "close");
    const { calls, fd } = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK);
    calls.connect(fd, inetAddress(port));
    const data = Buffer.alloc(64);
    const info = new Int32Array(3);
    const seen: { events: number; received: number }[] = [];
    calls.watch(fd, READABLE, (events) => seen.push({ events, received: calls.recvmmsg(fd, data, 1, info, null, 0) }));
    calls.sendmsg(fd, Buffer.from("x"), null, 0);
    await until(() => seen.length > 0);
    expect(seen[0]).toEqual({ events: ERROR | READABLE, received: -ECONNREFUSED });
    // The same socket hears a server that comes up on that port.
    const server = createSocket("udp4", (message, peer) => server.send(message, peer.port, peer.address));
    server.bind(port, "127.0.0.1");
    await once(server, "listening");
    calls.sendmsg(fd, Buffer.from("y"), null, 0);
    await until(() => seen.some(({ received }) => received === 1));
    server.close();
  });

  test("closing within the callback ends it", async () => {
    const calls = native();
    const fd = calls.socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    const { fd: sender } = socket(AF_UNIX);
    calls.bind(fd, unixAddress("closing"));
    let count = 0;
    calls.watch(fd, READABLE, () => {
      count++;
      calls.close(fd);
    });
    calls.sendmsg(sender, Buffer.from("x"), unixAddress("closing"), 0);
    calls.sendmsg(sender, Buffer.from("y"), unixAddress("closing"), 0);
    await until(() => count === 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(count).toBe(1);
  });

  test("a descriptor that cannot be polled is refused", () => {
    expect(native().watch(987, READABLE, () => {})).toBe(-EBADF);
    expect(native().watch(-1, READABLE, () => {})).toBe(-EBADF);
  });
});

describe("the end of an environment", () => {
  test("closes a worker's sockets and stops its watches, however it ends", async () => {
    const source = `
      const { parentPort } = require("node:worker_threads");
      const { createRequire } = require("node:module");
      const calls = createRequire(${JSON.stringify(import.meta.url)})("../build/Release/ipvs_netlink.node");
      const fds = Array.from({ length: 20 }, () => calls.socket(${AF_UNIX}, ${SOCK_DGRAM | SOCK_NONBLOCK}, 0));
      for (const fd of fds) calls.watch(fd, ${READABLE}, () => {});
      const unwatched = calls.socket(${AF_INET}, ${SOCK_DGRAM}, 0);
      parentPort.postMessage([...fds, unwatched]);`;
    for (const end of ["terminate", "exit"]) {
      const worker = new Worker(end === "exit" ? `${source}; setTimeout(() => process.exit(0), 50)` : source, {
        eval: true,
      });
      const [fds] = (await once(worker, "message")) as [number[]];
      if (end === "terminate") await worker.terminate();
      else await once(worker, "exit");
      for (const fd of fds) expect(native().getsockname(fd, new Uint8Array(128))).toBe(-EBADF);
    }
  });
});

describe("the addon itself", () => {
  test("missing: the error says how to build it", () => {
    const missing = Object.assign(new Error("Cannot find module"), { code: "MODULE_NOT_FOUND" });
    expect(addonError(missing)).toMatchObject({
      code: "addon-not-built",
      message: expect.stringContaining("is not built: run `sh scripts/build-addon.sh`"),
    });
  });

  test("built for another Node: the error says why and how", () => {
    expect(addonError(new Error("wrong ELF class"))).toMatchObject({
      code: "addon-not-built",
      message: expect.stringMatching(/does not load \(wrong ELF class\).*--force/),
    });
  });

  test("not among those that came with the package: the error names these and the command", () => {
    const missing = Object.assign(new Error("Cannot find module"), { code: "MODULE_NOT_FOUND" });
    expect(addonError(missing, ["arm64", "riscv64"])).toMatchObject({
      code: "addon-not-built",
      message: expect.stringMatching(
        /is there for arm64 and riscv64, not for \w+: .*`npx node-gyp rebuild --directory=/,
      ),
    });
    expect(addonError(new Error("no libc"), ["x64"]).message).toContain("does not load (no libc): with a C compiler");
  });

  test("the parent-death signal can be set and taken back", () => {
    expect(native().setParentDeathSignal(15)).toBe(0);
    expect(native().setParentDeathSignal(0)).toBe(0);
    expect(native().setParentDeathSignal(9999)).toBe(-EINVAL);
  });
});

describe("a netlink socket", () => {
  const NETLINK_ROUTE = 0;

  test("has its own port, and is closed once", () => {
    const transport = openSocketTransport({ protocol: NETLINK_ROUTE });
    const other = openSocketTransport({ protocol: NETLINK_ROUTE });
    expect(transport.portId).not.toBe(0);
    expect(other.portId).not.toBe(transport.portId);
    expect(transport.receive("many-short", () => {})).toBe(0);
    transport.close();
    transport.close();
    other.close();
    expect(() => transport.send(new Uint8Array(16))).toThrow(expect.objectContaining({ code: "closed" }));
  });

  test("a namespace that is not there is named", () => {
    const open = () => openSocketTransport({ protocol: NETLINK_ROUTE, netns: "/run/netns/nonesuch" });
    expect(open).toThrow(
      expect.objectContaining({
        code: "system-call",
        errno: "ENOENT",
        message: "opening a netlink socket in /run/netns/nonesuch: ENOENT",
      }),
    );
    expect(native().socketInNamespace("/run/netns/nonesuch", AF_UNIX, SOCK_DGRAM, 0)).toBe(-ENOENT);
  });

  test("an unknown protocol is a system call's error", () => {
    expect(() => openSocketTransport({ protocol: 31 })).toThrow(
      expect.objectContaining({ code: "system-call", errno: "EPROTONOSUPPORT" }),
    );
  });
});

test("this machine's byte order is the one the codec uses", () => {
  expect(new Uint8Array(Uint16Array.of(1).buffer)[0]).toBe(endianness() === "LE" ? 1 : 0);
});
