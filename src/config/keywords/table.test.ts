import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { everyKeyword, type KeywordFacts } from "./every-keyword.ts";
import { infoOf } from "./keyword.ts";
import { parseKeywordList } from "./keyword-list.ts";
import { allBlocks, homesOf, isUnsupported, lookUp, lookUpUnsupported, suggestKeyword } from "./lookup.ts";
import { globalDefs, keywordTable } from "./table.ts";

const blockAt = (path: string) => {
  const block = allBlocks().find((each) => each.path === path);
  if (block === undefined) throw new Error(path);
  return block;
};

const factsOf = (block: string, keyword: string): KeywordFacts => {
  const found = everyKeyword().find((each) => each.block === block && each.keyword === keyword);
  if (found === undefined) throw new Error(`${block} ${keyword}`);
  return found;
};

const theirs = parseKeywordList(
  readFileSync(new URL("fixtures/keepalived-2.4.3-keywords.tsv", import.meta.url), "utf8"),
);

const place = ({ block, keyword }: { block: string; keyword: string }) => `${block} ${keyword}`;

describe("the keyword table", () => {
  test("has a row for each of the 524 keywords of keepalived", () => {
    const ours = new Set(everyKeyword().map(place));
    expect(theirs).toHaveLength(524);
    expect(theirs.map(place).filter((each) => !ours.has(each))).toEqual([]);
  });

  test("has each keyword once in its block", () => {
    const places = everyKeyword().map(place);
    expect(places.filter((each, index) => places.indexOf(each) !== index)).toEqual([]);
  });

  test("knows which keywords keepalived 2.2.7 does not have", () => {
    const later = theirs.filter(({ since }) => since === "2.2.8+").map(place);
    const oursLater = everyKeyword().filter(({ entry }) => infoOf(entry).since === "2.2.8+");
    expect(oursLater.map(place).sort()).toEqual(later.sort());
  });

  test("holds what keepalived has, or says that it is ours or has no name there", () => {
    const known = new Set(theirs.map(place));
    const strangers = everyKeyword().filter(({ block, keyword, entry }) => {
      if (known.has(place({ block, keyword }))) return false;
      return infoOf(entry).ours !== true && (entry.kind === "block" || entry.row.unnamed !== true);
    });
    // nat_mask is gone from 2.4.3, lb_kind was never there; what is in a host block is listed nowhere.
    expect(strangers.map(place).filter((each) => !each.includes("SMTP_CHECK/host"))).toEqual([
      "virtual_server nat_mask",
      "virtual_server/real_server lb_kind",
    ]);
  });

  test("says why a keyword does not work, and only then", () => {
    for (const { support, reason, keyword } of everyKeyword()) {
      if (support === "works") expect(reason, keyword).toBeNull();
      else expect(reason, keyword).toMatch(/^[a-z"HSV][^\n]{14,140}[^.\n]$/);
    }
  });

  test("says of every keyword what it does, in one line", () => {
    for (const { entry, keyword } of everyKeyword()) {
      expect(infoOf(entry).summary, keyword).toMatch(/^[^\n]{10,140}[^.\n]$/);
    }
  });

  test("gives every block the path that it is found at", () => {
    const wrong = everyKeyword().filter(({ block, keyword, entry, synonymOf }) => {
      const path = block === "" ? keyword : `${block}/${keyword}`;
      return entry.kind === "block" && synonymOf === null && entry.block.path !== path;
    });
    expect(wrong.map(place)).toEqual([]);
  });

  test("refuses what is in a block that it refuses", () => {
    const pathsOf = (works: boolean) =>
      everyKeyword().flatMap(({ entry, support }) =>
        entry.kind === "block" && (support === "works") === works ? [entry.block.path] : [],
      );
    const never = pathsOf(false).filter((path) => !pathsOf(true).includes(path));
    const works = everyKeyword().filter(({ block, support }) => never.includes(block) && support === "works");
    expect(works.map(place)).toEqual([]);
    expect(factsOf("", "vrrp_track_file")).toMatchObject({ synonymOf: "track_file", deprecated: true });
  });

  test("tells apart what works, comes later, changes nothing and is refused", () => {
    expect(factsOf("virtual_server", "quorum").support).toBe("works");
    expect(factsOf("virtual_server", "lb_algo")).toMatchObject({ support: "works", synonymOf: "lvs_sched" });
    expect(factsOf("virtual_server", "snmp_name").support).toBe("not_yet");
    expect(factsOf("virtual_server", "nat_mask").support).toBe("no_effect");
    expect(factsOf("global_defs", "include_check")).toMatchObject({ support: "works", reason: null });
    expect(factsOf("virtual_server/real_server", "bindto").support).toBe("refused");
  });

  test("finds keywords by their synonyms", () => {
    expect(lookUp(blockAt("virtual_server"), "lb_algo")).toMatchObject({ name: "lvs_sched", deprecated: false });
    expect(lookUp(blockAt("virtual_server/real_server"), "lb_kind")).toMatchObject({ name: "lvs_method" });
    expect(lookUp(blockAt("virtual_server/real_server/HTTP_GET"), "nb_get_retry")).toMatchObject({
      name: "retry",
      deprecated: true,
    });
    expect(lookUp(blockAt("virtual_server/real_server/TCP_CHECK"), "nb_get_retry")).toBeUndefined();
    expect(lookUp(keywordTable, "vrrp_track_file")).toMatchObject({ name: "track_file", deprecated: true });
    expect(lookUpUnsupported(globalDefs, "random_seed")).toMatchObject({ support: "keepalived_conf" });
  });

  test("keeps what it refuses out of what is accepted", () => {
    for (const block of allBlocks()) {
      const names = Object.keys(block.unsupported ?? {});
      expect(names.filter((name) => lookUp(block, name) !== undefined)).toEqual([]);
    }
  });
});

describe("words that are no keywords", () => {
  test("are suggested from the block, by spelling or by what other programs call it", () => {
    expect(suggestKeyword(blockAt("virtual_server"), "lvs-shed")?.name).toBe("lvs_sched");
    expect(suggestKeyword(blockAt("virtual_server"), "scheduler")?.name).toBe("lvs_sched");
    expect(suggestKeyword(blockAt("virtual_server/real_server"), "snmp-name")).toEqual({
      name: "snmp_name",
      summary: "name in the answers of SNMP; this version does not support it",
    });
    expect(suggestKeyword(keywordTable, "zzz")).toBeNull();
  });

  test("are known as keepalived's, and where they belong", () => {
    expect(isUnsupported(blockAt("virtual_server/real_server"), "bindto")).toBe(true);
    expect(isUnsupported(blockAt("virtual_server"), "bindto")).toBe(false);
    expect(homesOf("notify_up")).toEqual(["virtual_server/real_server"]);
    expect(homesOf("auth_pass")).toEqual(["vrrp_instance/authentication"]);
    expect(homesOf("constructor")).toEqual([]);
  });
});
