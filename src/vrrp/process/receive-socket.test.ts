import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { native } from "ipvs-netlink";
import { afterEach, expect, test, vi } from "vitest";
import * as option from "../../sockets/socket-options.ts";
import type { AdvertSettings } from "../packet/advert.ts";
import { encodeAdvert, encodedBytes } from "../packet/encode-advert.ts";
import { captureSettings } from "../packet/testing/settings.ts";
import { deaf, type OnPacket, ReceiveSocket } from "./receive-socket.ts";
import { decodePacket } from "./received-packet.ts";

// Adverts from an address of our own over the loopback. Raw sockets need root.

const isRoot = process.getuid?.() === 0;
const source = `127.${[...randomBytes(3)].join(".")}`;
const settings: AdvertSettings = { ...captureSettings.v3, source, destination: "127.0.0.1" };
const calls = native();
const descriptors: number[] = [];

afterEach(() => {
  for (const fd of descriptors.splice(0)) calls.close(fd);
});

function open(): number {
  const fd = calls.socket(option.AF_INET, option.SOCK_RAW, option.IPPROTO_RAW);
  descriptors.push(fd);
  return fd;
}

function send(priority: number, fd = open()): void {
  const packet = Buffer.alloc(encodedBytes(settings));
  encodeAdvert(packet, 0, settings, priority);
  const to = Buffer.alloc(option.SOCKADDR_BYTES.inet);
  option.writeSocketAddress(to, 0, "inet", "127.0.0.1", 0);
  expect(calls.sendmsg(fd, packet, to, 0)).toBe(packet.length);
}

/** Priorities of our adverts that wait; others may use this loopback, too. */
function prioritiesAt(socket: ReceiveSocket) {
  const heard: number[] = [];
  const arrivedMs: number[] = [];
  const onPacket: OnPacket = (packet, atMs) => {
    const decoded = decodePacket(packet);
    if (!decoded.ok || decoded.advert.source !== source) return;
    heard.push(decoded.advert.priority);
    arrivedMs.push(atMs);
  };
  socket.receive({ ...deaf, onPacket });
  return { heard, arrivedMs };
}

test.skipIf(!isRoot)("wakes while it is watched; what comes meanwhile waits for the next look", async () => {
  const lo = { name: "lo", index: 1, life: 0 };
  const onReadable = vi.fn();
  const socket = ReceiveSocket.open(
    { family: "inet", protocol: 112, interface: lo, groups: [], receiveBufferBytes: null },
    onReadable,
  );
  const woken = async (priorities: readonly number[]) => {
    const heard: number[] = [];
    // Adverts of others wake it, too.
    onReadable.mockImplementation(() => heard.push(...prioritiesAt(socket).heard));
    await vi.waitFor(() => expect(heard).toEqual(priorities), { timeout: 30_000 });
    onReadable.mockReset();
  };
  try {
    socket.listen(1);
    send(11);
    await woken([11]);
    socket.unlisten();
    for (const priority of [21, 22, 23]) send(priority);
    await sleep(100);
    expect(onReadable).not.toHaveBeenCalled();
    expect(prioritiesAt(socket).heard).toEqual([21, 22, 23]);
    send(31);
    socket.listen(1);
    await woken([31]);
    expect(prioritiesAt(socket).heard).toEqual([]);
  } finally {
    socket.close();
  }
});

test.skipIf(!isRoot)("may be closed by who hears a packet", () => {
  const lo = { name: "lo", index: 1, life: 0 };
  const socket = ReceiveSocket.open(
    { family: "inet", protocol: 112, interface: lo, groups: [], receiveBufferBytes: null },
    () => {},
  );
  for (const priority of [51, 52]) send(priority);
  let packets = 0;
  const onPacket = () => {
    packets++;
    socket.close();
  };
  socket.receive({ ...deaf, onPacket });
  expect(packets).toBe(1);
});

test.skipIf(!isRoot)("leaves the event loop to others in a flood, and goes on with it afterwards", async () => {
  const lo = { name: "lo", index: 1, life: 0 };
  const woken = vi.fn();
  const socket = ReceiveSocket.open(
    { family: "inet", protocol: 112, interface: lo, groups: [], receiveBufferBytes: null },
    woken,
  );
  const sender = open();
  try {
    let packets = 0;
    // For each that is read another one has come.
    const onPacket = () => {
      packets++;
      if (packets > 20_000) throw new Error("it reads for ever");
      send(61, sender);
    };
    send(61, sender);
    socket.receive({ ...deaf, onPacket });
    const atOnce = packets;
    socket.listen(1);
    await vi.waitFor(() => expect(woken).toHaveBeenCalled(), { timeout: 30_000 });
    socket.receive({ ...deaf, onPacket });
    expect(packets).toBeGreaterThan(atOnce);
  } finally {
    socket.close();
  }
});

test.skipIf(!isRoot)("tells when adverts came, however late they are read", async () => {
  const lo = { name: "lo", index: 1, life: 0 };
  const socket = ReceiveSocket.open(
    { family: "inet", protocol: 112, interface: lo, groups: [], receiveBufferBytes: null },
    () => {},
  );
  try {
    // Again if this process stands still just between two looks at a clock.
    await vi.waitFor(
      async () => {
        // The loopback hands over what is sent before it says that it was sent.
        const sentMs: (readonly [fromMs: number, toMs: number])[] = [];
        for (const priority of [41, 42]) {
          const fromMs = calls.bootTime();
          send(priority);
          sentMs.push([fromMs, calls.bootTime()]);
          await sleep(100);
        }
        const { heard, arrivedMs } = prioritiesAt(socket);
        expect(heard).toEqual([41, 42]);
        for (const [nth, [fromMs, toMs]] of sentMs.entries()) {
          expect(arrivedMs[nth]).toBeGreaterThan(fromMs - 1);
          expect(arrivedMs[nth]).toBeLessThan(toMs + 1);
        }
      },
      { timeout: 30_000 },
    );
  } finally {
    socket.close();
  }
});
