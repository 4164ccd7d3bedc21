import fc from "fast-check";
import { expect, test } from "vitest";
import { IpvsClient } from "../ipvs/client.ts";
import { Memory } from "../netlink/memory.ts";
import { forEachMessage, writeHeader } from "../netlink/message.ts";
import { FakeKernel } from "./index.ts";

const FAMILY = 37;

test("garbage neither stops the fake kernel nor changes its table", async () => {
  const kernel = new FakeKernel();
  const client = await IpvsClient.open({ transport: kernel.open() });
  const body = fc.uint8Array({ maxLength: 120 });
  // Writes that name no attribute: every one must be refused.
  const header = fc.record({
    command: fc.constantFrom(1, 2, 3, 5, 6, 7, 9, 10, 99),
    type: fc.constantFrom(FAMILY, FAMILY, 16, 99),
    cut: fc.nat(30),
  });
  await fc.assert(
    fc.asyncProperty(header, body, async ({ command, type, cut }, garbage) => {
      const socket = kernel.open();
      const memory = Memory.ofSize(20 + garbage.length + cut);
      writeHeader(memory, 0, { length: 20 + garbage.length, type, flags: 5, sequence: 1, portId: 0 });
      memory.u8[16] = command;
      memory.u8.set(garbage, 20);
      socket.send(memory.u8);
      const answered: number[] = [];
      socket.receive("many-short", (answer, start, end) =>
        forEachMessage(answer, start, end, (message) => answered.push(message.type)),
      );
      expect(answered.length).toBeGreaterThan(0);
      expect(await client.dump()).toEqual([]);
    }),
  );
});

test("a datagram longer than its slot is reported as truncated", async () => {
  const kernel = new FakeKernel();
  const client = await IpvsClient.open({ transport: kernel.open() });
  await client.apply(
    Array.from({ length: 30 }, (_, n) => ({
      kind: "new-service",
      service: {
        key: { kind: "address", protocol: "TCP", address: "192.0.2.1", port: n + 1 },
        scheduler: "rr",
        schedulerFlags: [],
        persistence: null,
        onePacket: false,
      },
    })),
  );
  const socket = kernel.open();
  const memory = Memory.ofSize(20);
  writeHeader(memory, 0, { length: 20, type: FAMILY, flags: 0x301, sequence: 1, portId: 0 });
  memory.u8[16] = 4;
  socket.send(memory.u8);
  expect(() => socket.receive("many-short", () => {})).toThrow(expect.objectContaining({ code: "truncated" }));
});

test("a second listing while one is under way is refused, as by Linux", async () => {
  const kernel = new FakeKernel();
  const socket = kernel.open();
  const memory = Memory.ofSize(40);
  for (const [index, offset] of [0, 20].entries()) {
    writeHeader(memory, offset, { length: 20, type: FAMILY, flags: 0x305, sequence: index + 1, portId: 0 });
    memory.u8[offset + 16] = 8;
  }
  const client = await IpvsClient.open({ transport: kernel.open() });
  await client.startDaemon({ role: "backup", interface: "lo", syncId: 1 });
  memory.u8[16] = 11;
  memory.u8[36] = 11;
  socket.send(memory.u8);
  const errnos: number[] = [];
  socket.receive("many-short", (answer, start, end) =>
    forEachMessage(answer, start, end, (message) => {
      if (message.type === 2) errnos.push(-answer.getI32(message.payload));
    }),
  );
  expect(errnos).toEqual([16]);
});
