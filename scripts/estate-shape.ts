// What an upgrade in place hands over has a version, which counts the shapes of it (docs/decisions/0082). Compares the shape as it is with
// the one on record (npm run check); with --write raises the version and records it.
import { hash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { changesOf, recordOf } from "./estate-shape/record.ts";
import { shapeOf } from "./estate-shape/shape.ts";

const root = join(import.meta.dirname, "..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const estate = "src/supervisor/handover/estate.ts";
const recordFile = "src/supervisor/handover/estate-shape.txt";
const packages = { "@lbctl/checkers": "checkers/src/index.ts", "ipvs-netlink": "ipvs/src/index.ts" };

const shape = shapeOf(estate, ["Beginning", "Estates"], { read, packages });
const digests = shape.map(({ path, name, text }) => ({ path, name, digest: hash("sha256", text).slice(0, 12) }));
const version = Number(/estateVersion = (\d+)/.exec(read(estate))?.[1]);
const changes = changesOf(read(recordFile), version, digests);

if (process.argv.includes("--write") && changes.length > 0) {
  const recorded = Number(/^version (\d+)/.exec(read(recordFile))?.[1] ?? 0);
  const next = Math.max(version, recorded + 1);
  writeFileSync(join(root, estate), read(estate).replace(/estateVersion = \d+/, `estateVersion = ${next}`));
  writeFileSync(join(root, recordFile), recordOf(next, digests));
  console.log(`estateVersion is ${next}`);
} else if (changes.length > 0) {
  for (const change of changes) console.error(change);
  console.error(
    `what an upgrade hands over has another shape than estateVersion ${version} says: node scripts/estate-shape.ts --write raises it`,
  );
  process.exitCode = 1;
}
