import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RealServerStatus } from "../../src/control/status-document.ts";
import { type DirectorNode, directorNode } from "./lbctl.ts";
import { htmlDir, startRealServers } from "./real-servers.ts";
import { back, buildTopology, front, vips } from "./topology.ts";
import { bootGuest, type Guest } from "./uml/guest.ts";

// Whether an option reaches the packet is asked of the kernel's own routing rules: what carries the mark, source or port in
// question has no route, so that exactly the checks with the option fail. Bound to eth0 the back network is not to be reached.
const rules = [
  "rule add fwmark 7 unreachable",
  `rule add from ${vips.nat.v4} unreachable`,
  "rule add ipproto tcp sport 5555 unreachable",
];

const timing = { delay_loop: 0.5, connect_timeout: 5, retry: 0, warmup: 0 };
const cases = {
  fwmark: { fwmark: 7 },
  bindto: { bindto: vips.nat.v4 },
  bind_if: { bind_if: "eth1" },
  wrong_bind_if: { bind_if: "eth0" },
  bind_port: { bind_port: 5555 },
  connect_port: { connect_port: 81 },
  connect_ip: { connect_ip: front("d1").v4 },
} as const;
const names = Object.keys(cases) as (keyof typeof cases)[];
const checkers = ["TCP_CHECK", "HTTP_GET"] as const;

/** One virtual server for each checker; a real server for each option, and one without any. */
const configuration = {
  virtual_server: checkers.map((checker, index) => ({
    name: checker,
    address: vips.nat.v4,
    port: 8000 + index,
    protocol: "TCP",
    lvs_sched: "rr",
    delay_loop: timing.delay_loop,
    real_server: ["plain" as const, ...names].map((name, number) => ({
      address: back("r1").v4,
      port: 1000 + number,
      [checker]: {
        connect_port: 80,
        ...(name === "plain" ? {} : cases[name]),
        ...(checker === "HTTP_GET" ? { url: [{ path: "/index.html", status_code: 200 }] } : {}),
        connect_timeout: timing.connect_timeout,
        retry: timing.retry,
        warmup: timing.warmup,
      },
    })),
  })),
};

let guest: Guest;
let node: DirectorNode;

beforeAll(async () => {
  guest = await bootGuest();
  await buildTopology(guest, { realServers: ["r1"] });
  await startRealServers(guest, ["r1"]);
  node = directorNode(guest, "d1");
  node.configure(configuration);
  await node.start();
});
afterAll(() => guest?.close());

async function realServer(checker: string, index: number): Promise<RealServerStatus | undefined> {
  const { virtual_servers } = await node.status();
  return virtual_servers.find(({ name }) => name === checker)?.real_servers[index];
}

const becomes = (checker: string, index: number, state: string) =>
  expect.poll(async () => (await realServer(checker, index))?.state).toBe(state);

test.each(checkers)("%s: connect_ip and connect_port choose the target, bind_if the way", async (checker) => {
  await becomes(checker, 0, "up");
  for (const name of ["connect_port", "connect_ip"] as const) {
    const index = names.indexOf(name) + 1;
    await becomes(checker, index, "down");
    expect((await realServer(checker, index))?.reason).toContain("connect refused");
  }
  await becomes(checker, names.indexOf("bind_if") + 1, "up");
  await becomes(checker, names.indexOf("wrong_bind_if") + 1, "down");
});

test.each(checkers)("%s: fwmark, bindto and bind_port are on the packet, and on that check's only", async (checker) => {
  const options = ["fwmark", "bindto", "bind_port"] as const;
  for (const name of options) await becomes(checker, names.indexOf(name) + 1, "up");
  await guest.sh(rules.map((rule) => `ip ${rule}`).join("; "), { namespace: "d1" });
  for (const name of options) {
    const index = names.indexOf(name) + 1;
    await becomes(checker, index, "down");
    expect((await realServer(checker, index))?.reason).toMatch(/unreachable|local error/);
  }
  await becomes(checker, 0, "up");
  await guest.sh(rules.map((rule) => `ip ${rule.replace("add", "del")}`).join("; "), { namespace: "d1" });
  for (const name of options) await becomes(checker, names.indexOf(name) + 1, "up");
});

test("a source that is not there is a failed check with its reason, never a real server that stays up", async () => {
  const missing = structuredClone(configuration) as { virtual_server: { real_server: Record<string, unknown>[] }[] };
  const checks = [{ bindto: "192.0.2.77" }, { bind_if: "nosuch0" }].map((option, number) => ({
    address: back("r1").v4,
    port: 2000 + number,
    TCP_CHECK: { connect_port: 80, ...option, connect_timeout: 5, retry: 0, warmup: 0 },
  }));
  missing.virtual_server[0]?.real_server.splice(0, 8, ...checks);
  node.configure(missing);
  expect(await node.lbctl("reload")).toMatchObject({ status: 0 });
  await becomes("TCP_CHECK", 0, "down");
  await becomes("TCP_CHECK", 1, "down");
  expect((await realServer("TCP_CHECK", 0))?.reason).toContain("source address is not on this machine");
  expect((await realServer("TCP_CHECK", 1))?.reason).toContain("no such interface");
});

describe("slow_start and panic_threshold", () => {
  const page = (name: string) => `${htmlDir("r1")}/${name}.html`;
  const asks = (name: string) => ({
    HTTP_GET: { url: [{ path: `/${name}.html`, status_code: 200 }], connect_timeout: 5, retry: 0, warmup: 0 },
  });
  const common = { address: vips.nat.v4, protocol: "TCP", lvs_sched: "rr", delay_loop: timing.delay_loop };
  /** "80=1", by the last octet of the address and the weight: of the virtual server with this port. */
  const weights = async (port: number) =>
    (await node.table()).flatMap((line) => {
      const found = new RegExp(`^-a -t ${vips.nat.v4}:${port} -r ([0-9.]+):80 -m -w (\\d+)`).exec(line);
      return found === null ? [] : [`${found[1] === back("r1").v4 ? "back" : "front"}=${found[2]}`];
    });
  const patiently = { timeout: 60_000, interval: 200 };

  beforeAll(async () => {
    await guest.sh(`touch ${page("slow")} ${page("one")}`);
    const both = [
      { address: back("r1").v4, port: 80, ...asks("one") },
      { address: front("r1").v4, port: 80, ...asks("two") },
    ];
    node.configure({
      virtual_server: [
        {
          ...common,
          name: "slow",
          port: 8100,
          slow_start: 10,
          real_server: { address: back("r1").v4, port: 80, weight: 100, ...asks("slow") },
        },
        { ...common, name: "panic", port: 8101, panic_threshold: 60, real_server: both },
        { ...common, name: "calm", port: 8102, real_server: both },
      ],
    });
    expect(await node.lbctl("reload")).toMatchObject({ status: 0 });
  });

  test("the weight in the kernel rises after a real server came back, not at first", async () => {
    await expect.poll(() => weights(8100), patiently).toEqual(["back=100"]);
    await guest.sh(`rm ${page("slow")}`);
    await expect.poll(() => weights(8100), patiently).toEqual([]);
    await guest.sh(`touch ${page("slow")}`);
    const seen: number[] = [];
    await expect
      .poll(async () => {
        const weight = Number((await weights(8100))[0]?.split("=")[1] ?? 0);
        if (weight > 0 && weight !== seen.at(-1)) seen.push(weight);
        return weight;
      }, patiently)
      .toBe(100);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.length).toBeGreaterThan(1);
  });

  test("with fewer up than the threshold says all of them are in the table; without one, those that are up", async () => {
    const isActive = async () =>
      (await node.status()).virtual_servers.find(({ name }) => name === "panic")?.panic?.active;
    await expect.poll(() => weights(8102), patiently).toEqual(["back=1"]);
    await expect
      .poll(async () => [await isActive(), ...(await weights(8101))], patiently)
      .toEqual([true, "front=1", "back=1"]);
    await guest.sh(`touch ${page("two")}`);
    await expect.poll(() => weights(8102), patiently).toEqual(["front=1", "back=1"]);
    await expect
      .poll(async () => [await isActive(), ...(await weights(8101))], patiently)
      .toEqual([false, "front=1", "back=1"]);
    await guest.sh(`rm ${page("one")} ${page("two")}`);
    await expect.poll(() => weights(8102), patiently).toEqual([]);
    await expect
      .poll(async () => [await isActive(), ...(await weights(8101))], patiently)
      .toEqual([true, "front=1", "back=1"]);
  });
});
