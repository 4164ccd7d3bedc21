import type { YamlNode } from "./node.ts";

/** Settings beyond one for each character of the files that aliases and includes may add up to. */
const GENEROUS = 2_000_000;

/** What anchors stand for, as the document is read from top to bottom. */
export class Aliases {
  /** Shared by a file and those that it includes. */
  private readonly budget: { left: number };
  private readonly anchors = new Map<string, YamlNode>();
  private readonly open = new Set<YamlNode>();

  private constructor(budget: { left: number }) {
    this.budget = budget;
  }

  static ofText(length: number): Aliases {
    return new Aliases({ left: length + GENEROUS });
  }

  /** Those of an included file, whose anchors are its own. */
  ofFile(length: number): Aliases {
    this.budget.left += length;
    return new Aliases(this.budget);
  }

  /** True once the file expands to more than any honest one does: blocks of aliases to blocks of aliases. */
  get exhausted(): boolean {
    return this.budget.left < 0;
  }

  /** Accounts for settings that are read, once or again; false when there are too many. */
  spend(settings: number): boolean {
    this.budget.left -= settings + 1;
    return !this.exhausted;
  }

  /** The node itself, or what the alias stands for; null for an unknown alias. */
  resolve(node: YamlNode): Exclude<YamlNode, { kind: "alias" }> | null {
    if (node.kind === "alias") {
      const target = this.anchors.get(node.name);
      return target === undefined || target.kind === "alias" ? null : target;
    }
    if (node.anchor !== null) this.anchors.set(node.anchor, node);
    return node;
  }

  /** Runs `read` unless the node is being read already: a map that merges itself adds nothing. */
  within<T>(node: YamlNode, read: () => T[]): T[] {
    if (this.open.has(node)) return [];
    this.open.add(node);
    const result = read();
    this.open.delete(node);
    return result;
  }
}
