import { expect } from "vitest";
import { buildTopology } from "../topology.ts";
import { bootGuest, type Guest } from "../uml/guest.ts";
import {
  checkerConfiguration,
  checkerRules,
  checkerServers,
  checkerStages,
  clientsAt,
  expectedOf,
} from "./checkers.ts";
import { faults, inR1, startServices } from "./faulty-services.ts";
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
  directors.configure(["rs_init_notifies"], checkerConfiguration());
  for (const [number, stage] of checkerStages.slice(0, count).entries()) {
    if (stage === "start") await directors.start();
    else await inR1(guest, faults[stage]);
    for (const side of sides) {
      const seen = async () => named((await observed.now()).seen[side]);
      await expect
        .poll(seen, { timeout: 60_000, interval: 200, message: `${side}, ${stage}` })
        .toEqual(named(expectedAt(number, side)));
    }
    for (const { name, served, command } of clientsAt(number)) {
      const { status } = await guest.exec(command, { namespace: "c", timeoutMs: 300_000 });
      expect(status === 0, `${stage}: a client of ${name} is served`).toBe(served);
    }
    if (stage === "start") expect(await directors.plannedAsYaml()).toEqual([]);
    observed.nextStage();
  }
  await directors.stop();
}

const named = (shown: readonly string[]) => shown.map((each, index) => `${checkerRules[index]?.name}: ${each}`);

function expectedAt(stage: number, side: Side): string[] {
  return checkerRules.map(({ weights, lbctlWeights, settings }) => {
    const wanted = side === "lbctl" ? (lbctlWeights ?? weights) : weights;
    return expectedOf(wanted, settings?.includes("inhibit_on_failure") ?? false, stage);
  });
}
