import { uncomment } from "../keepalived/comment.ts";
import { lineText, type Source } from "../source.ts";

export interface SourceComment {
  /** With "#" before it. */
  readonly text: string;
  readonly start: number;
  readonly line: number;
  /** Nothing else stands on its line. */
  readonly alone: boolean;
}

/** What of the language of keepalived.conf has no counterpart in the source tree: it is carried out there. */
export type Expansion = "includes" | "parameters" | "sequences" | "conditions";

const signs: readonly (readonly [Expansion, RegExp])[] = [
  ["includes", /^(?:@\S+\s+)?include[rmwba]?\s/],
  ["parameters", /^(?:@\S+\s+)?\$[A-Za-z_]\w*=|\$\{_[A-Z]/],
  ["sequences", /~(?:SEQx?|LST)\(/],
  ["conditions", /^@/],
];

/** The comments of a keepalived.conf in their order, and what in it is expanded when it is read. */
export function commentsOf(source: Source): {
  readonly comments: readonly SourceComment[];
  readonly expansions: ReadonlySet<Expansion>;
} {
  const comments: SourceComment[] = [];
  const expansions = new Set<Expansion>();
  for (const [index, lineStart] of source.lineStarts.entries()) {
    const raw = lineText(source, index + 1);
    const { start, end } = uncomment(raw);
    const code = raw.slice(start, end);
    for (const [expansion, sign] of signs) if (sign.test(code)) expansions.add(expansion);
    const at = end + (/^\s*/.exec(raw.slice(end))?.[0].length ?? 0);
    if (raw[at] !== "#" && raw[at] !== "!") continue;
    comments.push({ text: readable(raw.slice(at)), start: lineStart + at, line: index + 1, alone: code === "" });
  }
  return { comments, expansions };
}

/** As YAML takes it: with "#", on one line, of printable characters. */
function readable(comment: string): string {
  const text = comment.replaceAll("\t", " ").trimEnd();
  return `#${text.slice(1).replace(/[^\x20-\x7e\u00a0-\ud7ff\ud800-\udfff\ue000-\ufefe\uff00-\ufffd]/g, "\ufffd")}`;
}
