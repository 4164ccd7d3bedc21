import { escapeRoff, roffParagraph, roffQuoted, roffText } from "../../text/roff.ts";
import {
  type BlockFacts,
  blocksOf,
  defaultText,
  headingOf,
  remarksOn,
  supportText,
  valueText,
} from "./describe-keyword.ts";
import type { KeywordFacts } from "./every-keyword.ts";
import { infoOf } from "./keyword.ts";

/** man/lbctl.conf.5 in the man macros of roff. */
export function manPage(keywords: readonly KeywordFacts[], version: string): string {
  const lines = [
    '.\\" Generated from the keyword table: node src/config/keywords/write-manual.ts',
    `.TH LBCTL.CONF 5 "" "lbctl ${version}" "File formats"`,
    ".SH NAME",
    "lbctl.conf \\- configuration of lbctl",
    ".SH DESCRIPTION",
    ...roffParagraph(
      "lbctl reads YAML, by default /etc/lbctl/lbctl.yaml, or a keepalived.conf, by default /etc/keepalived/keepalived.conf where there is no such YAML. Both have the same keywords, which this page lists by block. " +
        "Blocks that may stand several times are lists in YAML. Timers are seconds, also fractions of them, or carry a unit: 500ms, 2s, 1m, 1h.",
    ),
    ...roffParagraph(
      `In YAML, include names other files in any block: their keywords stand in its place. \${env:NAME} and \${env:NAME:-default} in a value ` +
        "are replaced by a variable of the environment; $${env: stands for the text itself.",
    ),
    ...roffParagraph(
      "Check a file with: lbctl validate -f file. Make YAML of a keepalived.conf with: lbctl convert file -o file",
    ),
    ...roffParagraph(
      'A keyword marked "not yet" is one of keepalived that this version refuses by name; "no effect" is accepted and changes nothing. ' +
        "In a block that is not supported, nothing is.",
    ),
    ...blocksOf(keywords).flatMap(blockLines),
    ".SH FILES",
    ".TP",
    ".I /etc/lbctl/lbctl.yaml",
    "The configuration when the command line names no other.",
    ".TP",
    ".I /etc/keepalived/keepalived.conf",
    "The same, where the former does not exist.",
    ".SH SEE ALSO",
    ".BR ipvsadm (8),",
    ".BR keepalived.conf (5)",
  ];
  return `${lines.join("\n")}\n`;
}

function blockLines({ path, summary, support, rows }: BlockFacts): string[] {
  const about = [summary, support].filter((text) => text !== null).map((text) => `${plain(text)}.`);
  return [
    `.SH ${roffQuoted(headingOf(path).toUpperCase())}`,
    ...about.flatMap(roffParagraph),
    ...rows.flatMap((facts) => keywordLines(facts, support !== null)),
  ];
}

function keywordLines(facts: KeywordFacts, silent: boolean): string[] {
  const { keyword, entry } = facts;
  const { summary, synonyms = [] } = infoOf(entry);
  const byDefault = defaultText(entry);
  const remarks = [
    silent ? null : supportText(facts),
    byDefault === "" ? null : byDefault === "needed" ? "needed" : `default: ${byDefault}`,
    ...remarksOn(entry),
  ].filter((remark) => remark !== null);
  const names = [keyword, ...synonyms].map((name) => `\\fB${escapeRoff(name)}\\fR`).join(", ");
  return [
    ".TP",
    `${names} ${escapeRoff(valueText(entry))}`,
    ...roffText(plain(`${[summary, ...remarks].join("; ")}.`)),
  ];
}

/** Without the marks of Markdown. */
function plain(content: string): string {
  return content.replace(/^\*([a-z ]+)\*/, "$1").replace(/; \*([a-z ]+)\*/g, "; $1");
}
