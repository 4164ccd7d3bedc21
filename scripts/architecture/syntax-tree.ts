/** A syntax tree node, as ESTree has it: a type, a place, and children in any of its fields. */
export type SyntaxNode = { readonly type: string; readonly start: number; readonly [field: string]: unknown };

export type Visit = { readonly node: SyntaxNode; readonly parent: SyntaxNode | undefined; readonly field: string };

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

export function children(node: SyntaxNode, field: string): readonly SyntaxNode[] {
  const value = node[field];
  return (Array.isArray(value) ? value : [value]).filter(isNode);
}

/** Every node but those of types, which are gone at run time. */
export function* runtimeNodes(node: SyntaxNode, parent?: SyntaxNode, field = ""): Generator<Visit> {
  const wrapsExpression = ["TSAsExpression", "TSSatisfiesExpression", "TSNonNullExpression"].includes(node.type);
  if (node.type.startsWith("TS") && !wrapsExpression) return;
  yield { node, parent, field };
  for (const name of Object.keys(node)) {
    for (const child of children(node, name)) yield* runtimeNodes(child, node, name);
  }
}
