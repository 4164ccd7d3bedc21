import type { YamlNode, YamlPair, YamlScalar } from "./node.ts";

/** Thrown where the text is more than plain YAML; never leaves this folder. */
export class NotPlain extends Error {}

// Words of printable ASCII: ":" and "#" mean something else before and after a blank (YAML 1.2 section 7.3.3).
const BLOCK_PLAIN = /[$A-Za-z0-9./_](?:[!-"$-9;-~#]|:(?=[!-~]))*(?: +[!-"$-9;-~](?:[!-"$-9;-~#]|:(?=[!-~]))*)*/y;
// Inside {} and [] the brackets and the comma, too.
const FLOW_PLAIN =
  /[A-Za-z0-9./_](?:[!-"$-+\--9;-Z\\^-z|~#]|:(?=[!-+\--Z\\^-z|~]))*(?: +[!-"$-+\--9;-Z\\^-z|~](?:[!-"$-+\--9;-Z\\^-z|~#]|:(?=[!-+\--Z\\^-z|~]))*)*/y;
const DOUBLE_QUOTED = /"[ !#-[\]-~]*"/y;
const SINGLE_QUOTED = /'[ -&(-~]*'/y;
const KEY = /[A-Za-z_][A-Za-z0-9_-]*(?=:(?: |\n|$))/y;
const LINE_END = /(?: +#[^\n]*| *)(?:\n|$)/y;

const DEEPEST_FLOW = 8;

/** Reads the parts of a line. `at` is where reading goes on. */
export class PlainLine {
  at = 0;
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** A key, up to its colon; null when there is none. */
  key(): YamlScalar | null {
    const start = this.at;
    const word = this.take(KEY);
    if (word === null) return null;
    this.at++;
    return scalar(word, true, start, start + word.length);
  }

  skipBlanks(): void {
    while (this.text.charCodeAt(this.at) === 0x20) this.at++;
  }

  /** Moves behind the end of the line when nothing but blanks and a comment is left of it. */
  endsHere(): boolean {
    return this.take(LINE_END) !== null;
  }

  /** A scalar or a flow collection that ends on this line, and the end of the line. */
  value(): YamlNode {
    const value = this.isFlow() ? this.flow(1) : this.scalar(BLOCK_PLAIN);
    if (!this.endsHere()) throw new NotPlain();
    return value;
  }

  private isFlow(): boolean {
    const character = this.text[this.at];
    return character === "{" || character === "[";
  }

  private scalar(plain: RegExp): YamlScalar {
    const start = this.at;
    const character = this.text[start];
    if (character === '"' || character === "'") {
      const quoted = this.take(character === '"' ? DOUBLE_QUOTED : SINGLE_QUOTED);
      // Escapes: \ in double quotes, '' in single ones.
      if (quoted === null || this.text[this.at] === character) throw new NotPlain();
      return scalar(quoted.slice(1, -1), false, start, this.at);
    }
    const word = this.take(plain);
    if (word === null) throw new NotPlain();
    return scalar(word, true, start, this.at);
  }

  private flow(depth: number): YamlNode {
    if (depth > DEEPEST_FLOW) throw new NotPlain();
    const start = this.at;
    const isMap = this.text[start] === "{";
    const close = isMap ? "}" : "]";
    const pairs: YamlPair[] = [];
    const items: YamlNode[] = [];
    this.at++;
    this.skipBlanks();
    while (this.text[this.at] !== close) {
      if (isMap) pairs.push(this.flowPair(depth));
      else items.push(this.flowValue(depth));
      this.skipBlanks();
      if (this.text[this.at] === close) break;
      if (this.text[this.at] !== ",") throw new NotPlain();
      this.at++;
      this.skipBlanks();
    }
    this.at++;
    const placed = { start, end: this.at, anchor: null };
    return isMap ? { kind: "map", pairs, ...placed } : { kind: "list", items, ...placed };
  }

  private flowPair(depth: number): YamlPair {
    const key = this.key();
    if (key === null) throw new NotPlain();
    this.skipBlanks();
    return { key, value: this.flowValue(depth) };
  }

  private flowValue(depth: number): YamlNode {
    return this.isFlow() ? this.flow(depth + 1) : this.scalar(FLOW_PLAIN);
  }

  private take(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    if (!pattern.test(this.text)) return null;
    const start = this.at;
    this.at = pattern.lastIndex;
    return this.text.slice(start, this.at);
  }
}

function scalar(text: string, plain: boolean, start: number, end: number): YamlScalar {
  return { kind: "scalar", text, plain, start, end, anchor: null };
}
