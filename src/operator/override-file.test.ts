import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { OverrideFile } from "./override-file.ts";

const program = join(import.meta.dirname, "testing/keep-saving.ts");
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lbctl-override-file-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Starts it, kills it some time after it has saved a few; the last number that it said. */
async function killedAfter(path: string, count: number, delayMs: number): Promise<number> {
  const writer = spawn(process.execPath, [program, path], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(writer, "close");
  const said: number[] = [];
  for await (const line of createInterface(writer.stdout)) {
    said.push(Number(line));
    if (said.length !== count) continue;
    await sleep(delayMs);
    writer.kill("SIGKILL");
  }
  await ended;
  expect(said.length).toBeGreaterThanOrEqual(count);
  return said.at(-1) as number;
}

test("after SIGKILL at any moment the file is whole and holds the last change that was acknowledged", async () => {
  const chains = [0, 1, 2].map(async (chain) => {
    const path = join(directory, `${chain}`, "overrides.json");
    for (let kill = 0; kill < 8; kill++) {
      const acknowledged = await killedAfter(path, 1 + kill, (chain + kill) % 4);
      const loaded = await new OverrideFile(path).load();
      expect(loaded.kind).toBe("loaded");
      const { overrides } = loaded as Extract<typeof loaded, { kind: "loaded" }>;
      const [first] = overrides;
      const weight = first?.setting.kind === "weight" ? first.setting.weight : Number.NaN;
      // The next one may have been saved without a chance to say so.
      expect([acknowledged, acknowledged + 1]).toContain(weight);
      expect(overrides).toEqual(Array.from({ length: 1 + (weight % 7) * 20 }, () => first));
    }
    expect(readdirSync(join(directory, `${chain}`))).toEqual(["overrides.json"]);
  });
  await Promise.all(chains);
});
