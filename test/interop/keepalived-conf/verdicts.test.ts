import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { formatDiagnostic } from "../../../src/config/format-diagnostic.ts";
import { everyKeyword } from "../../../src/config/keywords/every-keyword.ts";
import { infoOf } from "../../../src/config/keywords/keyword.ts";
import { inBlock, knownBlocks } from "./blocks.ts";
import { type Case, corpus, incomplete, separately, settings } from "./corpus.ts";
import { type Difference, type Disagreement, differences } from "./differences.ts";
import { askKeepalived, canAsk } from "./peer.ts";
import { ownVerdict } from "./verdict.ts";

const all = process.env.LBCTL_TEST_LONG === "1";
const everything = corpus({ all: true });
const tried = all ? everything : corpus({ all });

describe("the corpus", () => {
  test("has every block and every setting that a keepalived.conf can have", () => {
    const blocks = new Set(knownBlocks());
    const places = everyKeyword().flatMap(({ block, keyword, entry }) =>
      block.startsWith("defaults") || keyword === "defaults" || infoOf(entry).ours === true ? [] : [block],
    );
    expect([...new Set(places)].filter((block) => !blocks.has(block))).toEqual([]);
    const known = new Set(tried.map(({ block, keyword }) => `${block} ${keyword}`));
    expect(settings().filter(({ block, keyword }) => !known.has(`${block} ${keyword}`))).toEqual([]);
    expect(settings().length).toBeGreaterThan(500);
  });

  test("has good and wrong values of each type that has wrong ones", () => {
    const kinds = (good: boolean) => new Set(tried.filter((each) => each.good === good).map(({ keyword }) => keyword));
    expect(kinds(true).size).toBeGreaterThan(300);
    expect(kinds(false).size).toBeGreaterThan(270);
  });

  test.each(settings().filter(({ known }) => !known))(
    "$block $keyword, which keepalived 2.2.7 does not have: good values are taken, wrong ones are not",
    ({ block, keyword }) => {
      const cases = everything.filter((each) => each.block === block && each.keyword === keyword);
      expect(cases.some(({ good }) => good)).toBe(true);
      for (const { text, good, values } of cases) expect(ownVerdict(text).valid, values.join()).toBe(good);
    },
  );
});

describe.skipIf(!canAsk)("keepalived -t and lbctl (needs root)", () => {
  let disagreements: readonly Disagreement[];
  let asked = 0;

  beforeAll(async () => {
    const known = new Set(settings().flatMap(({ block, keyword, known }) => (known ? [`${block} ${keyword}`] : [])));
    const together = tried.filter(({ block, keyword }) => known.has(`${block} ${keyword}`));
    // Values that stand together are told apart where something is wrong with one of them.
    const first = await compare([...together, ...incomplete()]);
    const split = first.filter(({ case: { values } }) => values.length > 1);
    const second = await compare(split.flatMap((each) => separately(each.case)));
    disagreements = [...first, ...second].filter(
      ({ case: { values }, theirs, ours }) => values.length === 1 && theirs.valid !== ours.valid,
    );
    asked = together.length;
  }, 600_000);

  /** The cases that are wrong for somebody. */
  async function compare(cases: readonly Case[]): Promise<Disagreement[]> {
    const verdicts = await askKeepalived(cases.map(({ text }) => text));
    const found = cases.map((each, index) => ({
      case: each,
      theirs: verdicts[index] as (typeof verdicts)[number],
      ours: ownVerdict(each.text),
    }));
    return found.filter(({ theirs, ours }) => !theirs.valid || !ours.valid);
  }

  test("agree about configurations that are as they should be", async () => {
    const texts = knownBlocks()
      .filter(
        (block) =>
          !block.includes("auth_hmac") && !["virtual_server_group", "track_group", "vrrp_track_file"].includes(block),
      )
      .map((block) => inBlock(block, ""));
    const verdicts = await askKeepalived(texts);
    for (const [index, text] of texts.entries()) {
      expect(verdicts[index]).toMatchObject({ status: 0, messages: "" });
      expect(ownVerdict(text)).toMatchObject({ errors: [], warnings: [] });
    }
  });

  test("agree about every value of every setting, but for what is explained", () => {
    expect(asked).toBeGreaterThan(1000);
    const unexplained = disagreements.filter((found) => explanationOf(found) === undefined);
    expect(unexplained.map(shown)).toEqual([]);
  });

  test.each(differences)("$what: $lbctl", (difference) => {
    expect(disagreements.some((found) => explanationOf(found) === difference)).toBe(true);
  });
});

test("each deliberate difference stands in the documentation", () => {
  const page = readFileSync(new URL("../../../docs/keepalived-conf.md", import.meta.url), "utf8");
  const rows = differences.map(({ what, keepalived, lbctl }) => `| ${what} | ${keepalived} | ${lbctl} |`);
  expect(rows.filter((row) => !page.includes(row))).toEqual([]);
});

function explanationOf(found: Disagreement): Difference | undefined {
  // The first row is the widest: it counts where no other does.
  return differences.findLast(({ explains }) => explains(found));
}

function shown({ case: { block, keyword, values }, theirs, ours }: Disagreement): string {
  const own = ours.errors.map((error) => formatDiagnostic(error)).join("\n");
  return `${block} { ${keyword} ${values.join()} }: keepalived ${theirs.status} ${theirs.messages}; lbctl ${ours.valid ? "takes it" : own}`;
}
