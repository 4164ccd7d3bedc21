import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { parseAddress } from "./address.ts";
import { type NativeListener, native } from "./native.ts";
import { canMakeNamespaces, makeNamespace, type Namespace } from "./testing/namespace.ts";

const [AF_UNIX, AF_INET, AF_INET6] = [1, 2, 10];
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const [SOL_SOCKET, SO_RCVBUF, SO_TIMESTAMPNS] = [1, 8, 35];
const IPPROTO_IPV6 = 41;
const [IPV6_UNICAST_HOPS, IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT] = [16, 49, 51];
const [slots, slotBytes, infoFields, addressBytes] = [4, 64, 6, 128];
/** BATCH_SLOTS of ipvs/native/listener.h. */
const batchSlots = 32;
const wholeMask = (length: number) => new Uint8Array(length).fill(255);

const calls = native();
const opened: number[] = [];
const listeners: NativeListener[] = [];
const data = new Uint8Array(slots * slotBytes);
const info = new Int32Array(slots * infoFields);
const addresses = new Uint8Array(slots * addressBytes);
const arrivals = new Float64Array(slots);
const rows = new Float64Array(256 * 3);

afterEach(() => {
  for (const listener of listeners.splice(0)) calls.closeListener(listener);
  for (const fd of opened.splice(0)) calls.close(fd);
});

function own(fd: number): number {
  expect(fd).toBeGreaterThan(2);
  opened.push(fd);
  return fd;
}

function listen(fd: number, onStranger: () => void = () => {}): NativeListener {
  const listener = calls.openListener(fd, 0, onStranger);
  if (typeof listener === "number") throw new Error(`openListener answers ${listener}`);
  listeners.push(listener);
  return listener;
}

/** A socket of datagrams, and who puts them there. */
function datagrams() {
  const [inner, outer] = [0, 0].map(() => own(calls.socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0))) as [
    number,
    number,
  ];
  const name = new Uint8Array(8);
  expect(calls.bind(inner, Uint8Array.of(AF_UNIX, 0))).toBe(0);
  expect(calls.getsockname(inner, name)).toBe(name.length);
  return {
    inner,
    put: (...octets: number[]) =>
      void expect(calls.sendmsg(outer, Uint8Array.from(octets), name, 0)).toBe(octets.length),
  };
}

/** Strangers until there are none. */
function strangers(listener: NativeListener) {
  const all: { octets: number[]; arrivedMs: number; addresses: Uint8Array; hopLimit: number }[] = [];
  for (;;) {
    const count = calls.hearStrangers(listener, data, slots, info, addresses, arrivals);
    if (count === 0) return all;
    for (let slot = 0; slot < count; slot++) {
      all.push({
        octets: [...data.subarray(slot * slotBytes, slot * slotBytes + (info[slot * infoFields] as number))],
        arrivedMs: arrivals[slot] as number,
        addresses: addresses.slice(slot * addressBytes, (slot + 1) * addressBytes),
        hopLimit: info[slot * infoFields + 3] as number,
      });
    }
  }
}
const octetsOf = (listener: NativeListener) => strangers(listener).map(({ octets }) => octets);

/** By key how many have come. */
function heard(listener: NativeListener): Record<number, number> {
  const count = calls.takeHeard(listener, rows);
  return Object.fromEntries(Array.from({ length: count }, (_, row) => [rows[3 * row], rows[3 * row + 1]]));
}

function learn(listener: NativeListener, octets: readonly number[], mask = wholeMask(octets.length)): void {
  const bytes = Uint8Array.from(octets);
  expect(calls.knowPacket(listener, bytes[0] as number, bytes, mask, new Uint8Array(addressBytes), -1)).toBe(0);
}

test("what is known is counted, and everything else is told, in order", () => {
  const { inner, put } = datagrams();
  const listener = listen(inner);
  put(7, 1, 2);
  expect(octetsOf(listener)).toEqual([[7, 1, 2]]);
  learn(listener, [7, 1, 2], Uint8Array.of(255, 0, 255));
  learn(listener, [9]);
  for (const octets of [[7, 1, 2], [7, 99, 2], [7, 1, 3], [9], [7, 1, 2], [8], [7, 1], [7, 1, 2, 0], []])
    put(...octets);
  expect(octetsOf(listener)).toEqual([[7, 1, 3], [8], [7, 1], [7, 1, 2, 0], []]);
  expect(heard(listener)).toEqual({ 7: 3, 9: 1 });
  expect(heard(listener)).toEqual({});
});

test("what is learnt and forgotten between two strangers counts for what follows", () => {
  const { inner, put } = datagrams();
  const listener = listen(inner);
  learn(listener, [1]);
  put(2);
  put(1);
  put(3);
  put(1);
  put(3);
  const read = () => calls.hearStrangers(listener, data, slots, info, addresses, arrivals);
  expect([read(), data[0]]).toEqual([1, 2]);
  calls.forgetPacket(listener, 1);
  expect([read(), data[0], data[slotBytes], data[2 * slotBytes]]).toEqual([4, 1, 3, 1]);
  expect(read()).toBe(0);
  expect(heard(listener)).toEqual({});
  put(3);
  learn(listener, [3]);
  put(3);
  expect(octetsOf(listener)).toEqual([]);
  expect(heard(listener)).toEqual({ 3: 2 });
});

test("more than fits at a time, of several sockets", () => {
  const all = [0, 1].map(() => {
    const { inner, put } = datagrams();
    const listener = listen(inner);
    learn(listener, [1]);
    return { put, listener };
  });
  for (let round = 0; round < 30; round++) {
    for (const { put } of all) for (const key of [1, 2, 1, 1, 3, 4, 5, 6, 1]) put(key);
    for (const { listener } of all) {
      expect(octetsOf(listener)).toEqual([[2], [3], [4], [5], [6]]);
      expect(heard(listener)).toEqual({ 1: 4 });
    }
  }
});

test("only strangers call back; where many come they are looked at by the clock", async () => {
  const { inner, put } = datagrams();
  const told: number[][] = [];
  let onTold = () => {};
  const listener = listen(inner, () => {
    told.push(...octetsOf(listener));
    onTold();
  });
  const next = () =>
    new Promise<number>((resolve) => {
      onTold = () => resolve(calls.bootTime());
    });
  learn(listener, [1]);
  const lookMs = 1_000;
  expect(calls.startListening(listener, lookMs)).toBe(0);
  let lastMs = 0;
  for (let nth = 0; nth < 16; nth++) {
    put(1);
    put(2);
    lastMs = await next();
  }
  expect(told).toEqual(Array.from({ length: 16 }, () => [2]));
  expect(heard(listener)).toEqual({ 1: 16 });
  put(3);
  const laterMs = await next();
  expect(told.at(-1)).toEqual([3]);
  // A bound that no delay can break.
  expect(laterMs - lastMs).toBeGreaterThan(lookMs / 2);
  expect(calls.stopListening(listener)).toBe(0);
  put(4);
  expect(octetsOf(listener)).toEqual([[4]]);
});

test("a callback may close its listener, and what is closed is refused", async () => {
  const { inner, put } = datagrams();
  await new Promise<void>((resolve) => {
    const listener = calls.openListener(inner, 0, () => {
      calls.closeListener(listener as NativeListener);
      resolve();
    }) as NativeListener;
    expect(calls.startListening(listener, 1)).toBe(0);
    put(1);
  });
  const other = listen(inner);
  expect(octetsOf(other)).toEqual([]);
  put(2);
  expect(octetsOf(other)).toEqual([[2]]);
  calls.closeListener(listeners.pop() as NativeListener);
  for (let turn = 0; turn < 3; turn++) {
    expect(() => calls.startListening(other, 1)).toThrow(/closed/);
    // The event loop lets go of it a little later.
    await new Promise(setImmediate);
  }
  expect(() => calls.takeHeard({} as NativeListener, rows)).toThrow(/closed/);
});

test("arguments that are none are refused", () => {
  const { inner } = datagrams();
  const listener = listen(inner);
  expect(calls.openListener(inner, -1, () => {})).toBeLessThan(0);
  expect(calls.openListener(-1, 0, () => {})).toBeLessThan(0);
  expect(calls.startListening(listener, 0)).toBeLessThan(0);
  expect(() => calls.openListener(inner, 0, null as never)).toThrow(TypeError);
  expect(() => calls.forgetPacket(listener, 256)).toThrow(RangeError);
  expect(() => calls.takeHeard(listener, info as never)).toThrow(TypeError);
  expect(() => calls.hearStrangers(listener, data, 5, info, addresses, arrivals)).toThrow(RangeError);
  const packet = Uint8Array.of(1);
  expect(calls.knowPacket(listener, 1, packet, wholeMask(2), new Uint8Array(addressBytes), -1)).toBeLessThan(0);
  expect(calls.knowPacket(listener, 1, packet, wholeMask(1), new Uint8Array(8), -1)).toBeLessThan(0);
});

/** Has been there longer than a look that is in time would let it. */
const becomesOld = () => sleep(60);

test("a packet came no earlier than the last look", async () => {
  const { inner, put } = datagrams();
  expect(calls.setsockopt(inner, SOL_SOCKET, SO_TIMESTAMPNS, Uint8Array.of(1, 0, 0, 0))).toBe(0);
  put(1);
  await becomesOld();
  const openedMs = calls.bootTime();
  const listener = listen(inner);
  const listensMs = calls.bootTime();
  const [first] = strangers(listener);
  expect(first?.arrivedMs).toBeGreaterThanOrEqual(openedMs);
  expect(first?.arrivedMs).toBeLessThanOrEqual(listensMs);
  const fromMs = calls.bootTime();
  put(2);
  const toMs = calls.bootTime();
  await becomesOld();
  const [second] = strangers(listener);
  expect(second?.arrivedMs).toBeGreaterThan(fromMs - 1);
  expect(second?.arrivedMs).toBeLessThan(toMs + 1);
});

describe("on a socket with little room", () => {
  /** A listener, who puts something in, and what is read so late that only time stamps tell when it came. */
  async function crowded(buffer: number) {
    const receiver = own(calls.socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0));
    const sender = own(calls.socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0));
    const name = new Uint8Array(16);
    expect(calls.bind(receiver, Uint8Array.of(AF_INET, 0, 0, 0, 127, 0, 0, 1, ...new Uint8Array(8)))).toBe(0);
    expect(calls.getsockname(receiver, name)).toBe(name.length);
    for (const [option, value] of [
      [SO_TIMESTAMPNS, 1],
      [SO_RCVBUF, buffer],
    ] as const) {
      expect(calls.setsockopt(receiver, SOL_SOCKET, option, Uint8Array.of(value & 255, value >> 8, 0, 0))).toBe(0);
    }
    const listener = listen(receiver);
    const put = (octet: number) => calls.sendmsg(sender, Uint8Array.of(octet), name, 0);
    const readNow = () => {
      const fromMs = calls.bootTime();
      return strangers(listener).map(({ octets, arrivedMs }) => ({ octets, isNew: arrivedMs >= fromMs }));
    };
    const readLater = async () => {
      await becomesOld();
      return readNow();
    };
    // The kernel begins to stamp a little after the first socket has asked for it.
    for (let isNew = true; isNew; isNew = (await readLater()).some((each) => each.isNew)) put(0);
    return { put, readNow, readLater };
  }

  test("what came before others for which there was no room may be old, and counts as new", async () => {
    const { put, readLater } = await crowded(1);
    for (let nth = 0; nth < 50; nth++) put(nth);
    const kept = await readLater();
    expect(kept[0]).toEqual({ octets: [0], isNew: true });
    expect(kept.length).toBeLessThan(50);
    expect(kept.every(({ isNew }) => isNew)).toBe(true);
    put(99);
    expect(await readLater()).toEqual([{ octets: [99], isNew: false }]);
  });

  test("what was lost before a look in time says nothing of what comes after it", async () => {
    const { put, readNow, readLater } = await crowded(40_000);
    for (let nth = 0; nth < 150; nth++) put(nth);
    const kept = readNow().length;
    expect(kept).toBeGreaterThan(batchSlots);
    expect(kept).toBeLessThan(150);
    put(99);
    expect(await readLater()).toEqual([{ octets: [99], isNew: false }]);
  });
});

test.skipIf(!canMakeNamespaces)("over IPv6 sender, destination and hop limit have to be the same, too", () => {
  const namespace: Namespace = makeNamespace();
  try {
    namespace.ip("link set lo up");
    const own6 = ["fd00::1", "fd00::2", "fd00::3"];
    for (const address of own6) namespace.ip(`addr add ${address}/128 dev lo nodad`);
    const socket = () => own(calls.socketInNamespace(namespace.path, AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 0));
    /** struct sockaddr_in6. */
    const at = (address: string, port: number) =>
      Uint8Array.from([
        AF_INET6,
        0,
        port >> 8,
        port & 255,
        0,
        0,
        0,
        0,
        ...(parseAddress(address) as Uint8Array),
        0,
        0,
        0,
        0,
      ]);
    const on = Uint8Array.of(1, 0, 0, 0);
    const receiver = socket();
    expect(calls.bind(receiver, at("::", 5000))).toBe(0);
    for (const option of [IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT]) {
      expect(calls.setsockopt(receiver, IPPROTO_IPV6, option, on)).toBe(0);
    }
    const listener = listen(receiver);
    const senders = own6.slice(0, 2).map((address) => {
      const fd = socket();
      expect(calls.bind(fd, at(address, 4000))).toBe(0);
      return fd;
    }) as [number, number];
    const send = (sender: number, to: string, hops: number) => {
      expect(calls.setsockopt(sender, IPPROTO_IPV6, IPV6_UNICAST_HOPS, Uint8Array.of(hops, 0, 0, 0))).toBe(0);
      expect(calls.sendmsg(sender, Uint8Array.of(1, 2), at(to, 5000), 0)).toBe(2);
    };
    const usual = [senders[0], "fd00::3", 255] as const;
    send(...usual);
    const [first] = strangers(listener);
    if (first === undefined) throw new Error("nothing came");
    expect(first.hopLimit).toBe(255);
    calls.knowPacket(listener, 1, Uint8Array.of(1, 2), wholeMask(2), first.addresses, first.hopLimit);
    send(...usual);
    expect(octetsOf(listener)).toEqual([]);
    expect(heard(listener)).toEqual({ 1: 1 });
    for (const [sender, to, hops] of [
      [senders[1], "fd00::3", 255],
      [senders[0], "fd00::2", 255],
      [senders[0], "fd00::3", 254],
    ] as const) {
      send(sender, to, hops);
      expect(octetsOf(listener)).toEqual([[1, 2]]);
      expect(heard(listener)).toEqual({});
    }
  } finally {
    namespace.delete();
  }
});
