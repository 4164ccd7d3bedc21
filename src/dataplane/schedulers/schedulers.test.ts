import fc from "fast-check";
import type { SchedulerFlag } from "ipvs-netlink";
import { describe, expect, test } from "vitest";
import type { Candidate, Client } from "./scheduler.ts";
import { type RunningScheduler, startScheduler } from "./schedulers.ts";

interface Server extends Candidate {
  readonly weight: number;
  activeConnections: number;
  inactiveConnections: number;
  overloaded: boolean;
}

const somebody: Client = { address: "192.0.2.1", port: 40000 };

function server(weight: number, connections: Partial<Server> = {}): Server {
  return { weight, activeConnections: 0, inactiveConnections: 0, overloaded: false, ...connections };
}

function start(
  name: string,
  servers: readonly Server[],
  flags: readonly SchedulerFlag[] = [],
): RunningScheduler<Server> {
  const scheduler = startScheduler<Server>(name, flags);
  if (scheduler === null) throw new Error(`no ${name}`);
  scheduler.changed(servers, null);
  return scheduler;
}

/** Indexes chosen for so many connections, which stay open when `open`. */
function choose(
  scheduler: RunningScheduler<Server>,
  servers: readonly Server[],
  connections: number,
  open = false,
): number[] {
  return Array.from({ length: connections }, () => {
    const chosen = scheduler.pick(servers, somebody);
    if (chosen !== null && open) chosen.activeConnections++;
    return chosen === null ? -1 : servers.indexOf(chosen);
  });
}

function shares(chosen: readonly number[], count: number): number[] {
  return Array.from({ length: count }, (_, index) => chosen.filter((at) => at === index).length);
}

const names = ["rr", "wrr", "lc", "wlc", "sh"];
const someServers = fc.array(
  fc.record({
    weight: fc.integer({ min: 0, max: 100 }),
    activeConnections: fc.nat(50),
    inactiveConnections: fc.nat(50),
    overloaded: fc.boolean(),
  }),
  { maxLength: 12 },
);

describe("every scheduler", () => {
  test.each(names)("%s never chooses one that is quiesced or overloaded, and finds one where there is one", (name) => {
    fc.assert(
      fc.property(someServers, fc.integer({ min: 1, max: 30 }), (servers, connections) => {
        const scheduler = start(name, servers, ["flag-1"]);
        const available = servers.some(({ weight, overloaded }) => weight > 0 && !overloaded);
        for (const index of choose(scheduler, servers, connections)) {
          // sh looks at 256 buckets: one that fallback cannot reach may be left out, others may not.
          if (index === -1) expect(available && name !== "sh").toBe(false);
          else expect(servers[index]?.weight !== 0 && servers[index]?.overloaded === false).toBe(true);
        }
      }),
    );
  });

  test.each(names)("%s survives destinations that come and go", (name) => {
    const change = fc.oneof(fc.record({ add: fc.integer({ min: 0, max: 9 }) }), fc.record({ remove: fc.nat(20) }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const servers: Server[] = [];
        const scheduler = start(name, servers);
        for (const step of changes) {
          if ("add" in step) {
            servers.push(server(step.add));
            scheduler.changed(servers, null);
          } else if (servers.length > 0) {
            const index = step.remove % servers.length;
            servers.splice(index, 1);
            scheduler.changed(servers, index);
          }
          const chosen = scheduler.pick(servers, somebody);
          expect(chosen === null || servers.includes(chosen)).toBe(true);
        }
      }),
    );
  });

  test("there is none of another name", () => {
    expect(startScheduler("mh", [])).toBeNull();
    expect(startScheduler("", [])).toBeNull();
  });
});

describe("rr", () => {
  test("goes round, whatever the weights", () => {
    const servers = [server(1), server(7), server(3)];
    expect(choose(start("rr", servers), servers, 7)).toEqual([0, 1, 2, 0, 1, 2, 0]);
  });

  test("leaves out the quiesced and goes on behind them", () => {
    const servers = [server(1), server(0), server(1)];
    expect(choose(start("rr", servers), servers, 4)).toEqual([0, 2, 0, 2]);
  });

  test("goes on where it was when one before or at its place is removed", () => {
    const servers = [server(1), server(1), server(1), server(1)];
    const scheduler = start("rr", servers);
    const [, , third, fourth] = servers;
    expect(choose(scheduler, servers, 2)).toEqual([0, 1]);
    servers.splice(1, 1);
    scheduler.changed(servers, 1);
    expect(scheduler.pick(servers, somebody)).toBe(third);
    servers.splice(0, 1);
    scheduler.changed(servers, 0);
    expect(scheduler.pick(servers, somebody)).toBe(fourth);
  });
});

describe("wrr", () => {
  test("serves the heavier first and interleaves: 4, 3, 2 is the example of the kernel's documentation", () => {
    const servers = [server(4), server(3), server(2)];
    expect(choose(start("wrr", servers), servers, 9)).toEqual([0, 0, 1, 0, 1, 2, 0, 1, 2]);
  });

  test("gives each exactly its weight over a full cycle", () => {
    const weights = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 7 }), (base, factor) => {
        const servers = base.map((weight) => server(weight * factor));
        const divisor = base.reduce((a, b) => gcd(a, b), 0);
        const cycle = divisor === 0 ? 0 : base.reduce((sum, weight) => sum + weight, 0) / divisor;
        const scheduler = start("wrr", servers);
        for (let turn = 0; turn < 2; turn++) {
          const expected = base.map((weight) => (divisor === 0 ? 0 : weight / divisor));
          expect(shares(choose(scheduler, servers, cycle), servers.length)).toEqual(expected);
        }
      }),
    );
  });

  test("takes no longer for huge weights that only an overloaded one has", () => {
    const servers = [server(2 ** 31 - 1, { overloaded: true }), server(1)];
    expect(choose(start("wrr", servers), servers, 1000).every((index) => index === 1)).toBe(true);
  });
});

describe("lc and wlc", () => {
  test("an active connection weighs 256 inactive ones", () => {
    const servers = [server(1, { activeConnections: 1 }), server(1, { inactiveConnections: 255 })];
    expect(choose(start("lc", servers), servers, 1)).toEqual([1]);
    const more = [server(1, { activeConnections: 1 }), server(1, { inactiveConnections: 257 })];
    expect(choose(start("lc", more), more, 1)).toEqual([0]);
  });

  test("lc ignores weights, wlc divides by them", () => {
    const connections = { activeConnections: 3 };
    const servers = [server(1, { activeConnections: 2 }), server(2, connections)];
    expect(choose(start("lc", servers), servers, 1)).toEqual([0]);
    expect(choose(start("wlc", servers), servers, 1)).toEqual([1]);
  });

  test("open connections are shared evenly by lc, by weight by wlc", () => {
    const even = [server(1), server(5), server(9)];
    expect(shares(choose(start("lc", even), even, 30, true), 3)).toEqual([10, 10, 10]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 }), (weights) => {
        const servers = weights.map((weight) => server(weight));
        const sum = weights.reduce((a, b) => a + b, 0);
        expect(shares(choose(start("wlc", servers), servers, 3 * sum, true), weights.length)).toEqual(
          weights.map((w) => 3 * w),
        );
      }),
    );
  });
});

describe("sh", () => {
  const clients = fc.oneof(
    fc.ipV4(),
    fc.ipV6().filter((text) => !text.includes(".")),
  );

  test("a client stays on its server, whatever its port and the load", () => {
    fc.assert(
      fc.property(clients, fc.integer({ min: 1, max: 65535 }), (address, port) => {
        const servers = [server(1), server(2), server(3)];
        const scheduler = start("sh", servers);
        const first = scheduler.pick(servers, { address, port: 1 });
        if (first !== null) first.activeConnections += 100;
        expect(scheduler.pick(servers, { address, port })).toBe(first);
      }),
    );
  });

  test("clients are shared by weight", () => {
    const servers = [server(1), server(2), server(1)];
    const scheduler = start("sh", servers);
    const counts = [0, 0, 0];
    for (let client = 0; client < 4096; client++) {
      const chosen = scheduler.pick(servers, { address: `10.1.${client >> 8}.${client & 255}`, port: 1 });
      counts[servers.indexOf(chosen as Server)] = (counts[servers.indexOf(chosen as Server)] ?? 0) + 1;
    }
    for (const [index, share] of [0.25, 0.5, 0.25].entries()) {
      expect(Math.abs((counts[index] ?? 0) / 4096 - share)).toBeLessThan(0.03);
    }
  });

  test("flag-2 (sh-port) takes the port into account", () => {
    const servers = [server(1), server(1)];
    const scheduler = start("sh", servers, ["flag-2"]);
    const chosen = new Set(
      Array.from({ length: 64 }, (_, port) => scheduler.pick(servers, { address: "192.0.2.9", port })),
    );
    expect(chosen.size).toBe(2);
  });

  test("a quiesced server's clients get nobody, with flag-1 (sh-fallback) another", () => {
    const servers = [server(1), server(1)];
    const plain = start("sh", servers);
    const first = plain.pick(servers, somebody);
    if (first !== null) first.overloaded = true;
    expect(plain.pick(servers, somebody)).toBeNull();
    const other = start("sh", servers, ["flag-1"]).pick(servers, somebody);
    expect(other !== null && other !== first).toBe(true);
  });
});

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
