import fc from "fast-check";
import { native } from "ipvs-netlink";
import { afterEach, expect, test } from "vitest";
import { SaidLately } from "../../log/said-lately.ts";
import type { Action } from "../machine/action.ts";
import { instance as sample, standing } from "../machine/testing/samples.ts";
import type { AcceptSettings } from "../packet/accept-advert.ts";
import type { AdvertSettings } from "../packet/advert.ts";
import { passwordOctets } from "../packet/authentication-header.ts";
import { encodeAdvert, encodedBytes, stampAdvert } from "../packet/encode-advert.ts";
import { backupOf, captureSettings } from "../packet/testing/settings.ts";
import { Hearing } from "./hearing.ts";
import { Machines } from "./machines.ts";
import { ReceiveSocket } from "./receive-socket.ts";
import { newRunning, type Router } from "./router.ts";
import type { EventTimes } from "./timer-table.ts";

const endpoint = { family: "inet", protocol: 112, interface: null, groups: [], receiveBufferBytes: null } as const;
const [AF_UNIX, SOCK_DGRAM] = [1, 2];
const opened: { close(): void }[] = [];

afterEach(() => {
  for (const each of opened.splice(0)) each.close();
});

/** A socket that datagrams of any octets can be put into, as those of a raw one are packets. */
function anySocket(): { readonly socket: ReceiveSocket; readonly put: (octets: Uint8Array) => void } {
  const calls = native();
  const [inner, outer] = [calls.socket(AF_UNIX, SOCK_DGRAM, 0), calls.socket(AF_UNIX, SOCK_DGRAM, 0)];
  const address = new Uint8Array(8);
  // The kernel finds a name when there is none (unix(7), autobind).
  expect(calls.bind(inner, Uint8Array.of(AF_UNIX, 0))).toBe(0);
  expect(calls.getsockname(inner, address)).toBe(address.length);
  const socket = new ReceiveSocket(endpoint, inner, () => {});
  opened.push(socket, { close: () => calls.close(outer) });
  return { socket, put: (octets) => expect(calls.sendmsg(outer, octets, address, 0)).toBe(octets.length) };
}

/** Routers that hear packets, with nothing around them; what they remember of adverts may be taken away. */
class Ears {
  readonly #at = anySocket();
  /** But for timers, of which the last setting counts. */
  readonly #trace: unknown[] = [];
  readonly #timers = new Map<string, unknown>();
  /** How many were recognized. */
  repeated = 0;
  readonly #machines = new Machines();
  readonly #routers: (Router & { acceptSettings: AcceptSettings })[];
  readonly #hearing: Hearing;
  readonly #remembers: boolean;
  #nowMs = 0;

  constructor(peers: readonly Peer[], remembers: boolean) {
    this.#remembers = remembers;
    const instances = peers.map(({ says: each }, index) =>
      sample({ name: `VI_${index}`, version: each.version, advertMs: each.advertMs, basePriority: 120 }),
    );
    this.#machines.configure(
      instances.map((instance) => ({ instance, standing: standing(120) })),
      [],
      0,
    );
    this.#routers = peers.map(({ says, ours }, index) => ({
      ...newRunning(instances[index] as (typeof instances)[number], new Map()),
      acceptSettings: { ...backupOf(says), ...ours },
    }));
    for (const { name } of instances) {
      this.#machines.step(name, { type: "source_address", address: "192.0.2.2" }, 0);
      this.#machines.step(name, { type: "startup", delayMs: 0, resumedAfterMs: null }, 0);
    }
    const nameOf = (index: number) => `VI_${index}`;
    this.#hearing = new Hearing({
      listeners: (_, id) =>
        this.#routers.flatMap(({ acceptSettings }, at) => (acceptSettings.virtualRouterId === id ? [at] : [])),
      routerAt: (index) => this.#routers[index] as Router,
      stateOf: (index) => this.#machines.stateOf(nameOf(index)),
      onAdvert: (index, advert, times) => {
        const members = this.#machines.step(nameOf(index), advert, times.nowMs);
        for (const { actions } of members) this.#carryOut(index, actions, times);
        return this.#machines.heartbeatState(members);
      },
      onHeartbeat: (index, actions, times) => {
        this.repeated++;
        this.#carryOut(index, actions, times);
      },
      onOldChecksum: () => {},
      tell: (event) => this.#trace.push(event),
      said: new SaidLately(60_000),
      tellUnknownVrids: () => true,
    });
  }

  /** All come before one of them is read, unless each is to be read as if it were the first. */
  hear(packets: readonly Uint8Array[]): void {
    const { socket, put } = this.#at;
    this.#nowMs += 10;
    for (const burst of this.#remembers ? [packets] : packets.map((each) => [each])) {
      if (!this.#remembers) socket.known.forget();
      for (const packet of burst) put(packet);
      this.#hearing.read(socket, this.#nowMs);
    }
  }

  #carryOut(index: number, actions: readonly Action[], times: EventTimes): void {
    for (const action of actions) {
      if (action.type === "set_timer") this.#timers.set(`${index} ${action.timer}`, [action.afterMs, times]);
      else this.#trace.push([index, times, action]);
    }
  }

  /** Another thing that may happen to a router. */
  happens(index: number, priority: number): void {
    this.#machines.step(`VI_${index}`, { type: "standing", standing: standing(priority) }, this.#nowMs);
  }

  /** Whatever its settings were before. */
  rewired(index: number, change: Partial<AcceptSettings>): void {
    const router = this.#routers[index];
    if (router !== undefined) router.acceptSettings = { ...router.acceptSettings, ...change };
  }

  /** All that can be seen of it. */
  get outcome(): unknown {
    return [
      this.#trace,
      [...this.#timers].sort(),
      this.#routers.map(({ counters, accept }) => [counters, accept]),
      this.#routers.map((_, index) => this.#machines.stateOf(`VI_${index}`)),
    ];
  }
}

/** What a master says, and what is otherwise with the router that hears it. */
interface Peer {
  readonly says: AdvertSettings;
  readonly ours?: Partial<AcceptSettings>;
}

interface Said {
  readonly from: number;
  readonly priority: number;
  readonly source: string;
  readonly ttl: number;
  readonly bit: number | null;
  readonly more: readonly string[];
}

/** With an identification of its own, as from a socket. */
function packetOf({ says }: Peer, { priority, source, ttl, bit, more }: Said, nth: number): Uint8Array {
  const as = { ...says, source, ttl, addresses: [...says.addresses, ...more] };
  const data = Buffer.alloc(encodedBytes(as));
  const advert = encodeAdvert(data, 0, as, priority);
  data.writeUInt16BE(nth & 0xffff, 4);
  if (advert.authenticationHeader !== null) stampAdvert(advert, nth + 1, (nth & 0xfff) + 1);
  if (bit !== null) {
    const octet = (bit >> 3) % data.length;
    data[octet] = (data[octet] as number) ^ (1 << (bit & 7));
  }
  return data;
}

const of = (name: keyof typeof captureSettings, virtualRouterId: number): AdvertSettings => ({
  ...captureSettings[name],
  virtualRouterId,
});
const peers: readonly Peer[] = [
  { says: of("v2", 51) },
  { says: of("v3", 52) },
  { says: { ...of("v2", 53), authentication: { type: "PASS", password: passwordOctets("s3cret") } } },
  // Two that share a VRID and differ by their addresses.
  { says: of("v3", 54) },
  { says: { ...of("v3", 54), addresses: ["192.0.2.200"] } },
  { says: of("v2-ah", 55) },
  { says: of("v3", 56), ours: { skipCheckAdvAddr: true } },
  // Remarked on once a minute.
  { says: of("v3-checksum-as-v2", 57), ours: { checksum: "pseudo-header" } },
];

test("what is recognized comes to what it came to when it was read", () => {
  const usual = { source: "192.0.2.1", priority: 150, ttl: 255, bit: null, more: [] };
  const often = <T>(value: T, other: fc.Arbitrary<T>) =>
    fc.oneof({ weight: 12, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: other });
  const router = fc.nat({ max: peers.length - 1 });
  const said: fc.Arbitrary<Said> = fc.record({
    from: router,
    priority: often(usual.priority, fc.constantFrom(0, 1, 100, 120, 151)),
    source: often(usual.source, fc.constantFrom("192.0.2.2", "192.0.2.3")),
    ttl: often(usual.ttl, fc.constantFrom(1, 254)),
    bit: often<number | null>(null, fc.nat({ max: 8 * 80 })),
    more: often<readonly string[]>(usual.more, fc.constant(["192.0.2.77"])),
  });
  const events = fc.array(
    fc.oneof(
      { weight: 30, arbitrary: fc.array(said, { minLength: 1, maxLength: 6 }) },
      { weight: 2, arbitrary: fc.record({ standing: router, to: fc.constantFrom(100, 120, 200) }) },
      {
        weight: 1,
        arbitrary: fc.record({
          rewired: router,
          addresses: fc.constantFrom(["192.0.2.100", "192.0.2.101"], ["192.0.2.200"]),
        }),
      },
    ),
    { minLength: 20, maxLength: 50 },
  );
  let repeated = 0;
  fc.assert(
    fc.property(events, (all) => {
      for (const each of opened.splice(0)) each.close();
      const [quick, thorough] = [new Ears(peers, true), new Ears(peers, false)];
      for (const ears of [quick, thorough]) {
        for (const [nth, event] of all.entries()) {
          if ("standing" in event) ears.happens(event.standing, event.to);
          else if ("rewired" in event) ears.rewired(event.rewired, { addresses: event.addresses });
          else ears.hear(event.map((each, at) => packetOf(peers[each.from] as Peer, each, 10 * nth + at)));
        }
      }
      expect(quick.outcome).toEqual(thorough.outcome);
      expect(thorough.repeated).toBe(0);
      repeated += quick.repeated;
    }),
  );
  // It is worth its while.
  expect(repeated).toBeGreaterThan(500);
});
