import { behaviourTable } from "./behaviour.ts";
import { headingOf, supportText } from "./describe-keyword.ts";
import type { KeywordFacts } from "./every-keyword.ts";
import { infoOf, type Support } from "./keyword.ts";
import type { ListedKeyword } from "./keyword-list.ts";
import { generatedNotice, table } from "./markdown.ts";

const levels: Readonly<Record<Support, string>> = {
  works: "does what keepalived does",
  not_yet: "refused, with an error that names it: a later version will do it",
  no_effect: "accepted and said once: there is nothing that it could change",
  refused: "refused, for the reason given",
};

/** docs/keepalived-compatibility.md: how far each keyword of keepalived is supported, and how many of them are. */
export function compatibility(listed: readonly ListedKeyword[], keywords: readonly KeywordFacts[]): string {
  const known = new Map(keywords.map((facts) => [`${facts.block} ${facts.keyword}`, facts]));
  const rows = listed.map(({ block, keyword }) => {
    const facts = known.get(`${block} ${keyword}`);
    if (facts === undefined) throw new Error(`${block} ${keyword} is not in the table`);
    return facts;
  });
  const blocks = [...new Set(listed.map(({ block }) => block))];
  return [
    `# Compatibility with keepalived

${generatedNotice}

keepalived 2.4.3 has ${listed.length} keywords, counted once for each block they stand in. This version of lbctl:`,
    table(
      ["support", "keywords", "what it means"],
      Object.entries(levels).map(([level, meaning]) => levelRow(rows, level, meaning)),
    ).trimEnd(),
    `Nothing is ignored in silence: what is not supported is an error with the place and the reason.
\`lbctl schema --keywords --json\` prints this list for programs, and [reference.md](reference.md) says what each keyword does.`,
    `## The same file, another behaviour

Everything else that both do with virtual and real servers is compared on a real kernel: the same file, the same faults, the same
tables and the same lines in the FIFO. What both say of a file is in [keepalived-conf.md](keepalived-conf.md).`,
    behaviourTable().trimEnd(),
    "## By block",
    table(
      ["block", "works", "of"],
      blocks.map((block) => blockRow(block, rows)),
    ).trimEnd(),
    ...blocks.map((block) => blockText(block, rows)),
    "",
  ].join("\n\n");
}

function levelRow(rows: readonly KeywordFacts[], level: string, meaning: string): string[] {
  return [level.replace("_", " "), String(rows.filter(({ support }) => support === level).length), meaning];
}

function blockRow(block: string, rows: readonly KeywordFacts[]): string[] {
  const inside = rows.filter((facts) => facts.block === block);
  const working = inside.filter(({ support }) => support === "works");
  return [headingOf(block), String(working.length), String(inside.length)];
}

function blockText(block: string, rows: readonly KeywordFacts[]): string {
  const inside = rows.filter((facts) => facts.block === block);
  return `## ${headingOf(block)}\n\n${table(["keyword", "support"], inside.map(keywordRow))}`.trimEnd();
}

function keywordRow(facts: KeywordFacts): string[] {
  const { keyword, synonymOf, deprecated, entry } = facts;
  const remarks = [
    supportText(facts) ?? "works",
    synonymOf === null ? null : `${deprecated ? "old name" : "another name"} of \`${synonymOf}\``,
    infoOf(entry).since === undefined ? null : "not in keepalived 2.2.7",
  ];
  return [`\`${keyword}\``, remarks.filter((remark) => remark !== null).join("; ")];
}
