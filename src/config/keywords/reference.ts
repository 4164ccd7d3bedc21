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
import { generatedNotice, table } from "./markdown.ts";

/** docs/reference.md: every keyword by block. */
export function reference(keywords: readonly KeywordFacts[]): string {
  const blocks = blocksOf(keywords);
  const links = blocks.map(
    ({ path, summary }) => `- [${headingOf(path)}](#${anchorOf(path)})${summary === null ? "" : `: ${summary}`}`,
  );
  return [introduction, links.join("\n"), ...blocks.map(blockText)].join("\n\n");
}

const introduction = `# Reference of keywords

${generatedNotice}

Every keyword by block, in YAML and in keepalived.conf. [configuration.md](configuration.md) explains how they are written
and how they work together; [keepalived-compatibility.md](keepalived-compatibility.md) counts what is supported.

- **default**: what holds when the keyword is left out; "needed" when it must not be. Timers are in seconds.
- *not yet*: keepalived has the keyword and this version of lbctl refuses it by name. *no effect*: it is accepted, said once,
  and changes nothing. *refused*: it is not going to be supported. In a block that is not supported, nothing is.
- In YAML, every block also takes \`include\` ([other files](configuration.md#several-files)), and values take variables of the
  environment (\`\${env:NAME}\`).
- "without a keyword in keepalived.conf": there it stands behind the keyword of the block, or is all there is in its braces.`;

function blockText({ path, summary, support, rows }: BlockFacts): string {
  const sentences = [
    summary === null ? null : `${upperFirst(summary)}.`,
    support === null ? null : `${upperFirst(support)}.`,
  ];
  return [
    `## ${headingOf(path)}`,
    ...sentences.filter((sentence) => sentence !== null),
    table(
      ["keyword", "value", "default", "what it does"],
      rows.map((row) => keywordRow(row, support !== null)),
    ),
  ]
    .join("\n\n")
    .trimEnd();
}

/** `silent`: the support of the whole block has been said. */
function keywordRow(facts: KeywordFacts, silent: boolean): string[] {
  const { keyword, entry } = facts;
  const { summary, synonyms = [] } = infoOf(entry);
  const remarks = [summary, silent ? null : supportText(facts), ...remarksOn(entry)];
  return [
    [keyword, ...synonyms].map((name) => `\`${name}\``).join(", "),
    valueText(entry),
    defaultText(entry),
    remarks.filter((remark) => remark !== null).join("; "),
  ];
}

/** As Markdown viewers make anchors of headings. */
function anchorOf(path: string): string {
  return headingOf(path).toLowerCase().replaceAll(" > ", "--").replaceAll(" ", "-");
}

function upperFirst(text: string): string {
  const at = text.search(/[a-z]/i);
  return text.slice(0, at) + text.charAt(at).toUpperCase() + text.slice(at + 1);
}
