import { endOfPairs, type YamlMap, type YamlNode, type YamlPair } from "./node.ts";
import { NotPlain, PlainLine } from "./plain-line.ts";

/**
 * Reads YAML as people and templates write configurations: maps and lists by indentation, values that end on their line.
 * Ten times as fast as the complete parser, which takes seconds for ten thousand virtual servers. Null for everything else
 * (anchors, tags, block scalars, escapes, several lines, tabs) and for everything that might be an error: then the
 * complete parser decides. Whatever is read here, it reads the same way; a property holds the two together.
 */
export function readPlainYaml(text: string): YamlNode | null {
  if (hasControlCharacters(text)) return null;
  try {
    return new PlainYaml(text).document();
  } catch (error) {
    if (error instanceof NotPlain || error instanceof RangeError) return null;
    throw error;
  }
}

/** Also tabs, carriage returns and byte order marks. */
function hasControlCharacters(text: string): boolean {
  return /[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\ud800-\udfff]/.test(text);
}

class PlainYaml {
  private readonly line: PlainLine;
  /** Column of the first character of the line under way; -1 at the end of the text. */
  private indent = 0;

  constructor(text: string) {
    this.line = new PlainLine(text);
  }

  document(): YamlNode {
    if (this.line.text.startsWith("---\n")) this.line.at = 4;
    this.nextLine();
    if (this.indent < 0) throw new NotPlain();
    const node = this.block(this.indent);
    // A line further left than the first one.
    if (this.indent >= 0) throw new NotPlain();
    return node;
  }

  /** From the start of a line to the first character of the next one that has content. */
  private nextLine(): void {
    const { text } = this.line;
    for (;;) {
      const start = this.line.at;
      this.line.skipBlanks();
      const { at } = this.line;
      if (at >= text.length) {
        this.indent = -1;
        return;
      }
      const character = text.charCodeAt(at);
      if (character !== 0x0a && character !== 0x23) {
        this.indent = at - start;
        return;
      }
      const end = character === 0x0a ? at : text.indexOf("\n", at);
      this.line.at = end < 0 ? text.length : end + 1;
    }
  }

  private block(indent: number): YamlNode {
    return this.atDash() ? this.list(indent) : this.map(indent);
  }

  private atDash(): boolean {
    const { text, at } = this.line;
    return text[at] === "-" && (text[at + 1] === " " || text[at + 1] === "\n");
  }

  /** Pairs whose keys stand in this column; the line under way is at the first. */
  private map(indent: number): YamlMap {
    const start = this.line.at;
    const pairs: YamlPair[] = [];
    while (this.indent === indent && !this.atDash()) {
      const key = this.line.key();
      if (key === null) throw new NotPlain();
      pairs.push({ key, value: this.pairValue(indent) });
    }
    if (this.indent > indent) throw new NotPlain();
    return { kind: "map", pairs, start, end: endOfPairs(pairs, start), anchor: null };
  }

  private pairValue(indent: number): YamlNode | null {
    if (this.line.endsHere()) {
      this.nextLine();
      if (this.indent > indent) return this.block(this.indent);
      return this.indent === indent && this.atDash() ? this.list(indent) : null;
    }
    this.line.skipBlanks();
    return this.lineValue(indent);
  }

  /** A value on this line. What follows further right would continue it. */
  private lineValue(indent: number): YamlNode {
    const value = this.line.value();
    this.nextLine();
    if (this.indent > indent) throw new NotPlain();
    return value;
  }

  private list(indent: number): YamlNode {
    const start = this.line.at;
    const items: YamlNode[] = [];
    while (this.indent === indent && this.atDash()) items.push(this.item(indent));
    if (this.indent > indent) throw new NotPlain();
    return { kind: "list", items, start, end: items.at(-1)?.end ?? start, anchor: null };
  }

  private item(indent: number): YamlNode {
    const dash = this.line.at;
    this.line.at++;
    if (this.line.endsHere()) {
      this.nextLine();
      if (this.indent <= indent) throw new NotPlain();
      return this.block(this.indent);
    }
    this.line.skipBlanks();
    const start = this.line.at;
    if (this.line.key() === null) return this.lineValue(indent);
    this.line.at = start;
    this.indent = indent + start - dash;
    return this.map(this.indent);
  }
}
