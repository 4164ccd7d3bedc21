import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { version } from "../../version.ts";
import { compatibility } from "./compatibility.ts";
import { everyKeyword } from "./every-keyword.ts";
import { generatedFiles } from "./generated-files.ts";
import { parseKeywordList } from "./keyword-list.ts";

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
const listed = parseKeywordList(read("src/config/keywords/fixtures/keepalived-2.4.3-keywords.tsv"));
const files = generatedFiles({ listed, version, manual: read("docs/configuration.md") });

describe("what comes from the keyword table", () => {
  test.each(Object.keys(files))("%s is up to date (else: node src/config/keywords/write-manual.ts)", (path) => {
    expect(read(path)).toBe(files[path]);
  });

  test("names every keyword, synonyms among them", () => {
    const man = (files["man/lbctl.conf.5"] ?? "").replaceAll("\\-", "-");
    for (const { keyword } of everyKeyword()) {
      expect(files["docs/reference.md"]).toContain(`\`${keyword}\``);
      expect(man).toContain(`\\fB${keyword}\\fR`);
    }
  });

  test("counts every keyword of keepalived once", () => {
    const rows = [
      ...(files["docs/keepalived-compatibility.md"] ?? "").matchAll(
        /^\| (?:works|not yet|no effect|refused) \| (\d+) \|/gm,
      ),
    ];
    expect(rows).toHaveLength(4);
    expect(rows.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(524);
  });

  test("says of each keyword what became of it", () => {
    const rows = (files["docs/keepalived-compatibility.md"] ?? "").match(/^\| `[^`]+` \| (?:works|\*[a-z ]+\*: )/gm);
    expect(rows).toHaveLength(524);
  });

  test("links only to headings that exist", () => {
    const text = files["docs/reference.md"] ?? "";
    const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, "")
        .replaceAll(" ", "-"),
    );
    const links = [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
    expect(links.length).toBeGreaterThan(25);
    expect(links.filter((anchor) => !anchors.includes(anchor ?? ""))).toEqual([]);
  });

  test("cannot leave out a keyword of keepalived", () => {
    const unknown = [{ block: "", keyword: "no_such_keyword", since: "2.2.7-" }];
    expect(() => compatibility(unknown, everyKeyword())).toThrow("no_such_keyword");
  });

  test("is a man page without a warning", () => {
    const { status, stderr } = spawnSync("groff", ["-man", "-Tutf8", "-ww", "-z"], {
      input: files["man/lbctl.conf.5"],
    });
    expect({ status, warnings: String(stderr) }).toEqual({ status: 0, warnings: "" });
  });
});
