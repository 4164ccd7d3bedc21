import { everyKeyword } from "../../../src/config/keywords/every-keyword.ts";
import { type Entry, infoOf } from "../../../src/config/keywords/keyword.ts";
import { inBlock, withSetting } from "./blocks.ts";
import { samplesFor, samplesOfKeyword } from "./values.ts";

/** A configuration about one setting of one block. */
export interface Case {
  readonly block: string;
  readonly keyword: string;
  /** What stands behind the keyword; several that are good together stand on lines of their own. */
  readonly values: readonly string[];
  /** What we think of the values. */
  readonly good: boolean;
  readonly text: string;
}

/** A setting of the table that keepalived.conf has a word for. */
export interface Setting {
  readonly block: string;
  readonly keyword: string;
  readonly entry: ValueEntry;
  readonly typeName: string;
  /** keepalived 2.2.7, the one of Debian 12, has it. */
  readonly known: boolean;
}

type ValueEntry = Extract<Entry, { kind: "value" }>;

/** Every setting of every block that is written in a keepalived.conf. */
export function settings(): readonly Setting[] {
  return everyKeyword().flatMap(({ block, keyword, entry }) => {
    if (entry.kind === "block" || !isWritten(entry)) return [];
    const known = infoOf(entry).since === undefined && !block.includes("auth_hmac");
    return [{ block, keyword, entry, typeName: entry.type.name, known }];
  });
}

/** Settings that stand behind the keyword of their block are in every configuration, and ours are in none. */
function isWritten({ row, type }: ValueEntry): boolean {
  return row.ours !== true && (row.unnamed !== true || type.shape === "lines");
}

/** A configuration of the setting with these values, the good ones of which may be several. */
export function caseOf({ block, keyword, entry }: Setting, values: readonly string[], good: boolean): Case {
  const lines = values.map((value) => (entry.row.unnamed === true ? value : `${keyword} ${value}`));
  return { block, keyword, values, good, text: withSetting(block, keyword, lines.join("\n  ")) };
}

/**
 * The corpus. Good values of a setting stand together, as later ones override earlier ones. Of the wrong values of a type that
 * many keywords share, each further keyword gets one, another one each time; `all` spares none.
 */
export function corpus({ all }: { readonly all: boolean }): readonly Case[] {
  const seen = new Map<string, number>();
  return settings().flatMap((setting) => {
    const { good, bad, goodHere = [] } = samplesFor(setting.block, setting.keyword, setting.typeName);
    const before = seen.get(setting.typeName) ?? 0;
    seen.set(setting.typeName, before + 1);
    const first = all || before === 0 || setting.keyword in samplesOfKeyword;
    const tried = first ? bad : bad.filter((_, index) => index === before % bad.length);
    const together = setting.entry.type.shape === "lines" ? good.map((value) => [value]) : [good];
    return [
      ...together.map((values) => caseOf(setting, values, true)),
      ...(first ? goodHere : []).map((value) => caseOf(setting, [value], true)),
      ...tried.map((value) => caseOf(setting, [value], false)),
    ];
  });
}

/** Configurations that lack a setting that every other one here has, or are changed otherwise. */
export function incomplete(): readonly Case[] {
  const changed = (block: string, keyword: string, before: string, after: string): Case => ({
    block,
    keyword,
    values: [after],
    good: true,
    text: inBlock(block, "").replace(before, after),
  });
  const lacking = ["lb_algo rr", "lb_kind NAT", "protocol TCP", "weight 1", "TCP_CHECK {\n    }"].map((setting) => ({
    block: "virtual_server",
    keyword: setting,
    values: ["left out"],
    good: true,
    text: inBlock("virtual_server", "").replace(setting, ""),
  }));
  return [
    ...lacking,
    changed("vrrp_instance", "name", "VI_1", '"VI 1"'),
    changed("vrrp_instance", "interface", "eth0", "eth9"),
    changed("global_defs", "smtp_server", "script_user root", "script_user root\n  smtp_server mail.invalid"),
    changed("vrrp_script", "script", "/bin/true", "/bin/nothing"),
    changed("global_defs", "script_user", "script_user root", "# comment \\\n  script_user root"),
    changed("garp_group", "interface", "interface eth0", "interface eth0\n  interface eth0"),
  ];
}

/** A case with several values as one for each. */
export function separately(each: Case): readonly Case[] {
  const setting = settings().find(({ block, keyword }) => block === each.block && keyword === each.keyword) as Setting;
  return each.values.map((value) => caseOf(setting, [value], each.good));
}
