import { execFileSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { defaultProcessSettings } from "../../config/process-model.ts";
import type { Role } from "./process-settings.ts";

// Each in a process of its own: nice values stay.

const canBeUrgent = process.getuid?.() === 0;
const moduleUrl = pathToFileURL(new URL("./process-settings.ts", import.meta.url).pathname).href;

interface Before {
  readonly nice: number;
  readonly isRoot: boolean;
}

/** The nice value of a process after it was told its settings, one after the other, and what was refused. */
function after(role: Role, before: Before, ...nice: readonly (number | null)[]): unknown {
  const settings = nice.map((each) => ({ ...defaultProcessSettings, nice: each }));
  const program = `
    const { getPriority, setPriority } = await import("node:os");
    const { applyProcessSettings } = await import(${JSON.stringify(moduleUrl)});
    setPriority(${before.nice});
    if (!${before.isRoot}) process.setuid(65534);
    const refused = ${JSON.stringify(settings)}.flatMap((each) => applyProcessSettings(${JSON.stringify(role)}, each, null));
    console.log(JSON.stringify([getPriority(), refused]));
  `;
  return JSON.parse(execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" }));
}

test.skipIf(!canBeUrgent)("VRRP goes before the others, unless the configuration says how it goes", () => {
  const root = { nice: 0, isRoot: true };
  expect(after("vrrp", root, null)).toEqual([-10, []]);
  expect(after("vrrp", root, 3, null)).toEqual([-10, []]);
  expect(after("vrrp", root, null, 3)).toEqual([3, []]);
  expect(after("vrrp", { ...root, nice: -15 }, null)).toEqual([-15, []]);
  expect(after("checker", { ...root, nice: 2 }, null)).toEqual([2, []]);
});

test.skipIf(!canBeUrgent)("where it is not permitted it is told of what was asked for, and of nothing else", () => {
  const nobody = { nice: 0, isRoot: false };
  expect(after("vrrp", nobody, null)).toEqual([0, []]);
  expect(after("vrrp", nobody, -5)).toEqual([0, [expect.stringContaining("vrrp_priority: ")]]);
});
