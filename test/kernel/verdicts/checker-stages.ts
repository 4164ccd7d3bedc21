import { expect } from "vitest";
import { buildTopology } from "../topology.ts";
import { bootGuest, type Guest } from "../uml/guest.ts";
import {
  type CheckerRule,
  checkerConfiguration,
  checkerRules,
  checkerServers,
  checkerStages,
  clientsAt,
  expectedOf,
  isUpWith,
  mailsOf,
} from "./checkers.ts";
import { faults, inR1, startServices } from "./faulty-services.ts";
import { Mails, mailSettings } from "./mails.ts";
import { Observed } from "./observed.ts";
import { type Side, sides, TwoDirectors } from "./two-directors.ts";

/** lbctl and keepalived check the services of r1 while these break and are mended: the first so many stages. */
export async function runCheckerStages(count: number): Promise<void> {
  const guest = await bootGuest();
  try {
    await runIn(guest, count);
  } finally {
    await guest.close();
  }
}

async function runIn(guest: Guest, count: number): Promise<void> {
  await buildTopology(guest, { directors: ["d1", "d2"], realServers: ["r1"] });
  await startServices(guest);
  const directors = new TwoDirectors(guest);
  const observed = new Observed(directors, checkerServers);
  const mails = new Mails(guest);
  directors.configure(["rs_init_notifies", ...mailSettings], checkerConfiguration());

  const settles = async (name: string, of: readonly Side[], stage: Change) => {
    for (const side of of) {
      const within = { timeout: 120_000, interval: 200, message: `${side}, ${name}` };
      const seen = async () => named((await observed.now()).seen[side]);
      await expect.poll(seen, within).toEqual(named(expectedAt(stage, side)));
      await expect.poll(() => mails.subjects(side), within).toEqual(expectedMails(stage, side));
      for (const mail of mails.texts(side)) expect(mail, "what it is about").toMatch(/\S/);
    }
    observed.nextStage();
    mails.nextStage();
  };

  for (const [now, stage] of checkerStages.slice(0, count).entries()) {
    if (stage === "start") await directors.start();
    else await inR1(guest, faults[stage]);
    await settles(stage, sides, { before: now === 0 ? null : now - 1, now });
    for (const { name, served, command } of clientsAt(now)) {
      const { status } = await guest.exec(command, { namespace: "c", timeoutMs: 300_000 });
      expect(status === 0, `${stage}: a client of ${name} is served`).toBe(served);
    }
    if (stage === "start") expect(await directors.plannedAsYaml()).toEqual([]);
  }

  await directors.startAsYaml();
  await settles("start from YAML", ["lbctl"], { before: null, now: count - 1 });
  await inR1(guest, faults["each breaks"]);
  await settles("each breaks, YAML", ["lbctl"], { before: count - 1, now: 1 });
  await inR1(guest, faults["all are mended"]);
  await settles("all are mended, YAML", ["lbctl"], { before: 1, now: 2 });
  await directors.stop();
}

/** Numbers of stages; before is null where a director starts. */
interface Change {
  readonly before: number | null;
  readonly now: number;
}

const named = (shown: readonly string[]) => shown.map((each, index) => `${checkerRules[index]?.name}: ${each}`);

function expectedAt(change: Change, side: Side): string[] {
  return checkerRules.map((rule) => {
    const shown = side === "keepalived" ? rule.keepalivedShows?.[change.now] : undefined;
    return shown ?? expectedOf(wantedOf(rule, side), isInhibited(rule), change);
  });
}

function expectedMails({ before, now }: Change, side: Side): string[] {
  const subjects = checkerRules.flatMap((rule, number) => {
    const wanted = wantedOf(rule, side);
    const isUp = (stage: number) => isUpWith(wanted[stage], isInhibited(rule));
    if (!rule.alerts || before === null || isUp(before) === isUp(now)) return [];
    return mailsOf(number, isUp(now)).slice(side === "keepalived" && rule.keepalivedMailsQuorumOnly ? 1 : 0);
  });
  return subjects.map((subject) => `admin@example.org: [lb] ${subject}`).sort();
}

const wantedOf = ({ weights, lbctlWeights }: CheckerRule, side: Side) =>
  side === "lbctl" ? (lbctlWeights ?? weights) : weights;
const isInhibited = ({ settings }: CheckerRule) => settings?.includes("inhibit_on_failure") ?? false;
