// Saves one change after the other in the file that is named, until it is killed: the weight counts up from what it finds. Says
// each number once it has been saved.
import { writeSync } from "node:fs";
import { OverrideFile } from "../override-file.ts";
import type { OperatorOverride } from "../overrides.ts";

const file = new OverrideFile(process.argv[2] as string);
const loaded = await file.load();
if (loaded.kind !== "loaded") throw new Error(loaded.detail);
const [last] = loaded.overrides;
for (let weight = last?.setting.kind === "weight" ? last.setting.weight + 1 : 0; ; weight++) {
  const override: OperatorOverride = {
    virtualServer: null,
    realServer: "10.0.0.1:80",
    setting: { kind: "weight", weight },
    setBy: "root",
    setAtEpochMs: 0,
    expiresAtEpochMs: null,
  };
  // Longer and shorter in turn: what is left of another one would show.
  await file.save(Array.from({ length: 1 + (weight % 7) * 20 }, () => override));
  writeSync(1, `${weight}\n`);
}
