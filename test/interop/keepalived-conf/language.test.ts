import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadConfig } from "../../../src/config/load.ts";
import { differences } from "./differences.ts";
import { includable, languageTexts } from "./language.ts";
import { askKeepalived, canAsk } from "./peer.ts";
import { type OwnVerdict, verdictOf } from "./verdict.ts";

const samplesFolder = "/usr/share/doc/keepalived/samples/";

/** Those of Debian's package; in a network namespace that is not there, keepalived reads no further. */
function debianSamples(): [string, string][] {
  const names = readdirSync(samplesFolder).filter((name) => name.startsWith("keepalived.conf."));
  if (names.length < 20) throw new Error(`${samplesFolder} has ${names.length} samples`);
  return names.map((name) => {
    const text = readFileSync(samplesFolder + name, "utf8").replace(/^.*net_namespace.*\n/gm, "");
    return [`sample: ${name}`, text];
  });
}

/** What lbctl says of the text as a file beside those that it may include. */
async function ownVerdicts(texts: readonly string[]): Promise<OwnVerdict[]> {
  const folder = mkdtempSync(join(tmpdir(), "lbctl-language-"));
  try {
    for (const [name, text] of Object.entries(includable)) writeFileSync(join(folder, name), text);
    const verdicts: OwnVerdict[] = [];
    for (const text of texts) {
      const file = join(folder, "lb.conf");
      writeFileSync(file, text);
      verdicts.push(verdictOf(await loadConfig(file, { configId: "high" })));
    }
    return verdicts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe.skipIf(!canAsk)("the language, as keepalived -t and lbctl see it (needs root)", () => {
  test("they agree, but for what is explained", async () => {
    const texts = [...Object.entries(languageTexts()), ...debianSamples()];
    const all = texts.map(([, text]) => text);
    const [theirs, ours] = await Promise.all([askKeepalived(all, includable), ownVerdicts(all)]);
    const unexplained = texts.flatMap(([what, text], index) => {
      const found = {
        case: { block: "", keyword: "", values: [what.slice(what.indexOf(": ") + 2)], good: true, text },
        theirs: theirs[index] as (typeof theirs)[number],
        ours: ours[index] as OwnVerdict,
      };
      if (found.theirs.valid === found.ours.valid || differences.some(({ explains }) => explains(found))) return [];
      const said = found.ours.errors.map(({ line, message }) => `${line}: ${message}`).join("; ");
      return [`${what}: keepalived ${found.theirs.status} ${found.theirs.messages}; lbctl ${said || "takes it"}`];
    });
    expect(texts.length).toBeGreaterThan(200);
    expect(unexplained).toEqual([]);
  });
});
