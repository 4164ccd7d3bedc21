import type { CheckState } from "@lbctl/checkers";
import { describe, expect, test } from "vitest";
import type { VirtualServer } from "../config/model.ts";
import type { VirtualServerDecision } from "../director/decision.ts";
import { desired } from "../director/desired.ts";
import { noFacts, realServerKey } from "../director/facts.ts";
import { check, destination, healthOf, realServer, service, virtualServer } from "../director/testing/samples.ts";
import { LvsNotifier, type LvsNotifierOptions } from "./lvs-notifier.ts";
import type { Notification } from "./notification.ts";

const script = (command: string) => ({ command, user: null, group: null });
const real = (last: number) =>
  realServer(last, {
    notify: { up: script(`rs${last} up`), down: script(`rs${last} down`), smtpAlert: true },
  });
const web = (change: Partial<VirtualServer> = {}) =>
  virtualServer({
    quorum: 2,
    notify: { up: script("quorum up"), down: script("quorum down"), smtpAlert: true, omega: false },
    realServers: [real(1), real(2)],
    ...change,
  });

/** Decisions as the director makes them, told one after the other. */
function teller(options: Partial<LvsNotifierOptions> = {}) {
  const notifier = new LvsNotifier();
  let previous: VirtualServerDecision | null = null;
  const all = { fifo: true, realServersAtStart: false, inheritedQuorum: new Map(), ...options };
  return {
    all,
    notifier,
    decide(vs: VirtualServer, down: readonly number[] = []): Notification[] {
      const checks = new Map(
        [1, 2, 3].map((last) => {
          const { key, state } = healthOf(last, down.includes(last) ? "down" : "up");
          return [key, state];
        }),
      );
      const { decision } = desired(vs, { ...noFacts, checks }, previous, 0);
      previous = decision;
      return notifier.decided([decision], [], () => vs, all);
    },
    remove: (name: string) => notifier.decided([], [name], () => undefined, all),
  };
}

const lines = (all: readonly Notification[]) => all.map(({ fifo }) => fifo?.line);
const commands = (all: readonly Notification[]) =>
  all.flatMap(({ scripts }) => scripts.map((run) => run.script.command));

const vs = "[192.0.2.1]:tcp:80";
const rs = (last: number) => `RS [10.0.0.${last}]:tcp:80 ${vs}`;

// Lines, subjects and their order as keepalived 2.2.7 was seen to write them.
describe("what is told of virtual and real servers", () => {
  test("the quorum at the start; real servers only on demand", () => {
    expect(lines(teller().decide(web()))).toEqual([`VS ${vs} UP`]);
    expect(lines(teller().decide(web(), [1]))).toEqual([`VS ${vs} DOWN`]);
    const all = teller({ realServersAtStart: true }).decide(web(), [1]);
    expect(lines(all)).toEqual([`${rs(2)} UP`, `VS ${vs} DOWN`]);
    expect(commands(all)).toEqual(["rs2 up", "quorum down"]);
  });

  test("one that is not checked yet counts as what alpha makes of it", () => {
    const alpha = web({ realServers: [{ ...real(1), checks: [check(1, { alpha: true })] }, real(2)], quorum: 1 });
    const { notifier, all } = teller();
    const told = (checks: ReadonlyMap<string, CheckState>) => {
      const { decision } = desired(alpha, { ...noFacts, checks }, null, 0);
      return lines(notifier.decided([decision], [], () => alpha, all));
    };
    expect(told(new Map())).toEqual([`VS ${vs} UP`]);
    const up = [1, 2].map((last) => healthOf(last, "up"));
    expect(told(new Map(up.map(({ key, state }) => [key, state])))).toEqual([`${rs(1)} UP`]);
  });

  test("with alpha, that the first check failed is told; of one that is disabled nothing is", () => {
    const alpha = web({
      realServers: [1, 2].map((last) => ({ ...real(last), checks: [check(last, { alpha: true })] })),
    });
    const override = { adminState: "disabled", weight: null } as const;
    const overrides = new Map([[realServerKey("web", destination(2)), override]]);
    const { notifier, all } = teller();
    const told = (checks: ReadonlyMap<string, CheckState>) => {
      const { decision } = desired(alpha, { ...noFacts, checks, overrides }, null, 0);
      return lines(notifier.decided([decision], [], () => alpha, all));
    };
    expect(told(new Map())).toEqual([`VS ${vs} DOWN`]);
    const down = [1, 2].map((last) => healthOf(last, "down"));
    expect(told(new Map(down.map(({ key, state }) => [key, state])))).toEqual([`${rs(1)} DOWN`]);
  });

  test("at the start what is up is told, but not mailed; what is not, is", () => {
    const atStart = (quorum: number) =>
      teller({ realServersAtStart: true })
        .decide(web({ quorum }), [1])
        .map(({ fifo, mail }) => [fifo?.line, mail?.subject ?? null]);
    expect(atStart(1)).toEqual([
      [`${rs(2)} UP`, null],
      [`VS ${vs} UP`, null],
    ]);
    expect(atStart(2).at(-1)).toEqual([`VS ${vs} DOWN`, `Virtualserver ${vs} - DOWN`]);
  });

  test("what a predecessor has told is not told again", () => {
    const inherited = { inheritedQuorum: new Map([["web", true]]), realServersAtStart: true };
    expect(teller(inherited).decide(web())).toEqual([]);
    expect(lines(teller(inherited).decide(web({ quorum: 1 }), [1, 2]))).toEqual([`VS ${vs} DOWN`]);
  });

  test("changes, a real server before its virtual server", () => {
    const { decide } = teller();
    decide(web());
    const down = decide(web(), [1]);
    expect(lines(down)).toEqual([`${rs(1)} DOWN`, `VS ${vs} DOWN`]);
    expect(commands(down)).toEqual(["rs1 down", "quorum down"]);
    expect(down.map(({ mail }) => mail?.subject)).toEqual([
      `Realserver [10.0.0.1]:tcp:80 of virtual server ${vs} - DOWN`,
      `Virtualserver ${vs} - DOWN`,
    ]);
    expect(down[0]?.mail?.text).toMatch(/refused/);
    expect(down[0]?.scripts[0]?.moreArguments).toEqual([]);
    expect(decide(web(), [1])).toEqual([]);
    expect(lines(decide(web(), [1, 2]))).toEqual([`${rs(2)} DOWN`]);
    expect(lines(decide(web()))).toEqual([`${rs(1)} UP`, `${rs(2)} UP`, `VS ${vs} UP`]);
  });

  test("a reload tells of what it removes, by the scripts that were configured then", () => {
    const { decide, remove } = teller();
    decide(web());
    const removed = decide(web({ realServers: [real(1), real(3)], quorum: 1 }));
    expect(lines(removed)).toEqual([`${rs(2)} DOWN`]);
    expect(commands(removed)).toEqual(["rs2 down"]);
    const gone = remove("web");
    expect(lines(gone)).toEqual([`${rs(1)} DOWN`, `${rs(3)} DOWN`, `VS ${vs} DOWN`]);
    expect(commands(gone)).toEqual(["rs1 down", "rs3 down", "quorum down"]);
    expect(remove("web")).toEqual([]);
  });

  test("the end is told with omega only", () => {
    const { notifier, decide } = teller();
    decide(web(), [1]);
    expect(notifier.stopped()).toEqual([]);
    decide(web({ quorum: 1, notify: { up: null, down: script("quorum down"), smtpAlert: false, omega: true } }), [1]);
    expect(lines(notifier.stopped())).toEqual([`${rs(2)} DOWN`, `VS ${vs} DOWN`]);
    expect(commands(notifier.stopped())).toEqual(["rs2 down", "quorum down"]);
  });

  test("names of marks and groups", () => {
    const fwmark = web({ services: [service({ key: { kind: "fwmark", family: "inet", fwmark: 7 } })], quorum: 1 });
    const marked = teller();
    marked.decide(fwmark);
    expect(lines(marked.decide(fwmark, [1]))).toEqual(["RS [10.0.0.1]:none:80 FWM 7 DOWN"]);
    const grouped = teller();
    grouped.decide(web({ group: "GRP", quorum: 1 }));
    expect(lines(grouped.decide(web({ group: "GRP", quorum: 1 }), [1]))).toEqual(["RS [10.0.0.1]:tcp:80 [GRP]:0 DOWN"]);
  });

  test("nobody listens: nothing is made", () => {
    const quiet = teller({ fifo: false });
    const plain = virtualServer();
    expect(quiet.decide(plain)).toEqual([]);
    expect(quiet.decide(plain, [1, 2])).toEqual([]);
  });
});
