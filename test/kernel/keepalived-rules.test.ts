import { expect, test } from "vitest";
import { killRealServer, startRealServers } from "./real-servers.ts";
import { buildTopology } from "./topology.ts";
import { bootGuest, type Guest } from "./uml/guest.ts";
import { Observed, spelt, toldOf } from "./verdicts/observed.ts";
import { configuration, nameOf, rules, type Stage, servicesOf, stages } from "./verdicts/rules.ts";
import { type Side, sides, TwoDirectors } from "./verdicts/two-directors.ts";

// lbctl and keepalived run the same file on one kernel against the same real servers, each with a table of its own.
test("each rule of virtual servers: the tables and what is told are as expected, and as keepalived's", async () => {
  const guest = await bootGuest();
  try {
    await runStages(guest);
  } finally {
    await guest.close();
  }
}, 600_000);

async function runStages(guest: Guest): Promise<void> {
  await buildTopology(guest, { directors: ["d1", "d2"], realServers: ["r1", "r2"] });
  await startRealServers(guest, ["r1"]);
  const directors = new TwoDirectors(guest);
  const named = rules.map((rule, number) => ({ services: servicesOf(rule, number), name: nameOf(rule, number) }));
  const observed = new Observed(directors, named);
  const configure = (heavier: boolean) => directors.configure(["router_id lb"], configuration({ heavier }));
  const happen: Readonly<Record<Stage, () => Promise<unknown>>> = {
    "start, r2 is dead": () => directors.start(),
    "r2 comes": () => startRealServers(guest, ["r2"]),
    "r1 dies": () => killRealServer(guest, "r1"),
    "r2 dies, too": () => killRealServer(guest, "r2"),
    "r1 returns": () => startRealServers(guest, ["r1"]),
    "r2 returns": () => startRealServers(guest, ["r2"]),
    "reload with r1 twice as heavy": () => {
      configure(true);
      return directors.reload();
    },
    stop: () => directors.stop(),
  };

  configure(false);
  for (const [number, stage] of stages.entries()) {
    await happen[stage]();
    for (const side of sides) {
      const seen = async () => (await observed.now()).seen[side].map((each, index) => `${rules[index]?.name}: ${each}`);
      await expect.poll(seen, { message: `${side}, ${stage}` }).toEqual(
        rules.map(({ name, expected, lbctlTells }) => {
          const [table, told] = spelt(expected[number] ?? "").split(" | ");
          return `${name}: ${table} | ${side === "lbctl" ? (lbctlTells?.[number] ?? told) : told}`;
        }),
      );
    }
    const { tables } = await observed.now();
    expect(tables.lbctl, stage).toEqual(tables.keepalived);
    observed.nextStage();
  }
  await compareScripts(directors);
}

/** Scripts have run for everything that was told: lbctl's in this order, keepalived's without any. */
async function compareScripts(directors: TwoDirectors): Promise<void> {
  const told = (side: Side) => rules.map((rule, number) => toldOf(directors.told(side), nameOf(rule, number)));
  const ran = (side: Side) =>
    rules.map((_, number) => {
      const own = directors.scripts(side).filter((line) => line.startsWith(`${number} `));
      return own.map((line) => line.slice(`${number} `.length)).join(" ");
    });
  const unordered = (lists: readonly string[]) => lists.map((list) => list.split(" ").sort());
  await expect.poll(() => ran("lbctl")).toEqual(told("lbctl"));
  await expect.poll(() => unordered(ran("keepalived"))).toEqual(unordered(told("keepalived")));
}
