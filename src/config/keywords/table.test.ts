import { describe, expect, test } from "vitest";
import { keepalivedKeywords } from "./keepalived-keywords.ts";
import { allBlocks, homesOf, isUnsupported, lookUp, suggestKeyword } from "./lookup.ts";
import { keywordTable } from "./table.ts";

const blockAt = (path: string) => {
  const block = allBlocks().find((each) => each.path === path);
  if (block === undefined) throw new Error(path);
  return block;
};

describe("the keyword table", () => {
  test("holds what keepalived has, or says that it is ours", () => {
    const strangers = allBlocks().flatMap((block) =>
      Object.entries(block.entries).flatMap(([name, entry]) => {
        const theirs = keepalivedKeywords[block.path]?.includes(name) ?? false;
        return theirs || (entry.kind === "value" && entry.row.ours === true) ? [] : [`${block.path} ${name}`];
      }),
    );
    // What stands behind the keyword in keepalived.conf is no keyword there; nat_mask is gone from 2.4.3.
    expect(strangers).toEqual([
      "virtual_server address",
      "virtual_server port",
      "virtual_server fwmark",
      "virtual_server nat_mask",
      "virtual_server/real_server address",
      "virtual_server/real_server port",
    ]);
  });

  test("knows the 524 keywords of keepalived by name", () => {
    expect(Object.values(keepalivedKeywords).flat()).toHaveLength(525);
  });

  test("says of every keyword what it does, in one line", () => {
    for (const block of allBlocks()) {
      for (const [name, entry] of Object.entries(block.entries)) {
        const summary = entry.kind === "value" ? entry.row.summary : entry.summary;
        expect(summary, name).toMatch(/^[^\n]{10,140}[^.\n]$/);
      }
    }
  });

  test("finds keywords by their synonyms", () => {
    expect(lookUp(blockAt("virtual_server"), "lb_algo")).toMatchObject({ name: "lvs_sched", deprecated: false });
    expect(lookUp(blockAt("virtual_server/real_server"), "lb_kind")).toMatchObject({ name: "lvs_method" });
    expect(lookUp(blockAt("virtual_server/real_server/HTTP_GET"), "nb_get_retry")).toMatchObject({
      name: "retry",
      deprecated: true,
    });
    expect(lookUp(blockAt("virtual_server/real_server/TCP_CHECK"), "nb_get_retry")).toBeUndefined();
  });
});

describe("words that are no keywords", () => {
  test("are suggested from the block, by spelling or by what other programs call it", () => {
    expect(suggestKeyword(blockAt("virtual_server"), "lvs-shed")?.name).toBe("lvs_sched");
    expect(suggestKeyword(blockAt("virtual_server"), "scheduler")?.name).toBe("lvs_sched");
    expect(suggestKeyword(blockAt("virtual_server/real_server"), "notify-up")).toMatchObject({ name: "notify_up" });
    expect(suggestKeyword(keywordTable, "zzz")).toBeNull();
  });

  test("are known as keepalived's, and where they belong", () => {
    expect(isUnsupported(blockAt("virtual_server"), "quorum_up")).toBe(true);
    expect(isUnsupported(blockAt("virtual_server"), "notify_up")).toBe(false);
    expect(homesOf("notify_up")).toEqual(["virtual_server/real_server"]);
    expect(homesOf("constructor")).toEqual([]);
  });
});
