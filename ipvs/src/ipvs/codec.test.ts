import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatAddress } from "../address.ts";
import { NetlinkError } from "../errors.ts";
import { Memory } from "../netlink/memory.ts";
import type { Destination, DestinationEntry, Service, ServiceKey } from "../table.ts";
import { command, destination as destinationTable, info, service as serviceTable } from "./attributes.ts";
import { decodeDaemon, encodeDaemon } from "./daemon-codec.ts";
import { decodeDestination, encodeDestination } from "./destination-codec.ts";
import { netmaskOfPrefix, prefixOfNetmask } from "./netmask.ts";
import { decodeService, encodeService } from "./service-codec.ts";

const port = fc.nat(0xffff);
const u32 = fc.nat(0xffff_ffff);
const octets = (family: "inet" | "inet6") =>
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((raw) => formatAddress(family, raw));
const addresses = fc.oneof(octets("inet"), octets("inet6"));
const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,14}$/);

const keys: fc.Arbitrary<ServiceKey> = fc.oneof(
  fc.record({
    kind: fc.constant("address" as const),
    protocol: fc.constantFrom("TCP" as const, "UDP" as const, "SCTP" as const),
    address: addresses,
    port,
  }),
  fc.record({
    kind: fc.constant("fwmark" as const),
    family: fc.constantFrom("inet" as const, "inet6" as const),
    fwmark: fc.integer({ min: 1, max: 0xffff_ffff }),
  }),
);

const services: fc.Arbitrary<Service> = keys.chain((key) => {
  const inet6 = key.kind === "fwmark" ? key.family === "inet6" : key.address.includes(":");
  return fc.record({
    key: fc.constant(key),
    scheduler: name,
    schedulerFlags: fc.subarray(["flag-1", "flag-2", "flag-3"] as const),
    persistence: fc.option(
      fc.record({
        timeoutS: fc.integer({ min: 1, max: 0xffff_ffff }),
        prefixLength: inet6 ? fc.integer({ min: 1, max: 128 }) : fc.integer({ min: 0, max: 32 }),
        engine: fc.option(name),
      }),
    ),
    onePacket: fc.boolean(),
  });
});

const common = { address: addresses, port, weight: fc.nat(0x7fff_ffff), upperThreshold: u32, lowerThreshold: u32 };
const destinations: fc.Arbitrary<Destination> = fc.oneof(
  fc.record({
    ...common,
    method: fc.constantFrom("NAT" as const, "DR" as const, "LOCAL" as const, "BYPASS" as const),
    tunnel: fc.constant(null),
  }),
  fc.record({
    ...common,
    method: fc.constant("TUN" as const),
    tunnel: fc.record({
      type: fc.constantFrom("ipip" as const, "gue" as const, "gre" as const),
      port,
      checksum: fc.constantFrom("none" as const, "csum" as const, "remcsum" as const),
    }),
  }),
);

const zeroCounters = { connections: 0, inPackets: 0, outPackets: 0, inBytes: 0, outBytes: 0 };

describe("the IPVS codec, through octets", () => {
  test("a service reads as it was written", () => {
    fc.assert(
      fc.property(services, (service) => {
        const memory = Memory.ofSize(1024);
        const end = command.encode(memory, 0, { service: encodeService(service) });
        expect(decodeService(command.decode(memory, 0, end).service ?? {})).toEqual(service);
      }),
    );
  });

  test("a destination reads as it was written", () => {
    fc.assert(
      fc.property(destinations, (destination) => {
        const memory = Memory.ofSize(1024);
        const written = { ...encodeDestination(destination), statistics: zeroCounters };
        const end = command.encode(memory, 0, { destination: written });
        const read: DestinationEntry = decodeDestination(command.decode(memory, 0, end).destination ?? {});
        expect(read).toEqual({ ...read, ...destination });
      }),
    );
  });

  test("a daemon reads as it was written", () => {
    const settings = fc.record({
      role: fc.constantFrom("master" as const, "backup" as const),
      interface: name,
      syncId: fc.nat(255),
      maxLength: fc.integer({ min: 1, max: 0xffff }),
      multicastGroup: addresses,
      multicastPort: fc.integer({ min: 1, max: 0xffff }),
      multicastTtl: fc.integer({ min: 1, max: 255 }),
    });
    fc.assert(
      fc.property(settings, (daemon) => {
        const memory = Memory.ofSize(1024);
        const end = command.encode(memory, 0, { daemon: encodeDaemon(daemon) });
        expect(decodeDaemon(command.decode(memory, 0, end).daemon ?? {})).toEqual(daemon);
      }),
    );
  });

  test("garbage gives an object, null or a coded error", () => {
    const decoders = [
      (memory: Memory) => decodeService(serviceTable.decode(memory, 0, memory.size)),
      (memory: Memory) => decodeDestination(destinationTable.decode(memory, 0, memory.size)),
      (memory: Memory) => decodeDaemon(command.decode(memory, 0, memory.size).daemon ?? {}),
      (memory: Memory) => info.decode(memory, 0, memory.size),
    ];
    // Well-formed attributes of any number and content reach further than noise.
    const attribute = fc
      .tuple(fc.nat(17), fc.uint8Array({ maxLength: 24 }))
      .map(([type, payload]) => [
        ...new Uint8Array(Uint16Array.of(4 + payload.length, type).buffer),
        ...payload,
        ...new Uint8Array((4 - (payload.length % 4)) % 4),
      ]);
    const noise = fc.uint8Array({ maxLength: 200 }).map((raw) => [...raw]);
    fc.assert(
      fc.property(
        fc.oneof(
          noise,
          fc.array(attribute).map((list) => list.flat()),
        ),
        (raw) => {
          const memory = new Memory(Uint8Array.from(raw));
          for (const decode of decoders) {
            try {
              decode(memory);
            } catch (error) {
              expect(error).toBeInstanceOf(NetlinkError);
            }
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  test("a protocol without a name is no service of ours", () => {
    const encoded = encodeService({
      key: { kind: "address", protocol: "TCP", address: "192.0.2.1", port: 80 },
      scheduler: "rr",
      schedulerFlags: [],
      persistence: null,
      onePacket: false,
    });
    expect(decodeService({ ...encoded, protocol: 50 })).toBeNull();
  });

  test("a destination of a kernel that knows no tunnel types is ipip", () => {
    const destination: Destination = {
      ...{ address: "10.0.0.1", port: 80, method: "TUN", weight: 1 },
      ...{ upperThreshold: 0, lowerThreshold: 0, tunnel: null },
    };
    const { tunnelType, tunnelPort, tunnelFlags, ...old } = encodeDestination(destination);
    expect([tunnelType, tunnelPort, tunnelFlags]).toEqual([0, 0, 0]);
    expect(decodeDestination({ ...old, statistics: zeroCounters }).tunnel).toEqual({
      type: "ipip",
      port: 0,
      checksum: "none",
    });
  });
});

describe("netmasks", () => {
  test.each([
    [0, [0, 0, 0, 0]],
    [1, [128, 0, 0, 0]],
    [17, [255, 255, 128, 0]],
    [32, [255, 255, 255, 255]],
  ])("/%i", (prefixLength, mask) => {
    expect([...netmaskOfPrefix("inet", prefixLength)]).toEqual(mask);
    expect(prefixOfNetmask("inet", Uint8Array.from(mask))).toBe(prefixLength);
  });

  test.each([[[255, 0, 255, 0]], [[0, 0, 0, 1]], [[255, 255, 255, 5]]])("%j is no prefix", (mask) => {
    expect(prefixOfNetmask("inet", Uint8Array.from(mask))).toBe(-1);
  });

  test("IPv6 has no /0", () => {
    expect(() => netmaskOfPrefix("inet6", 0)).toThrow("prefix length 0");
  });
});
