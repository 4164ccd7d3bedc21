import { children, isNode, type SyntaxNode } from "./syntax-tree.ts";

/** The names that a node itself declares: variables, parameters, imports, functions, classes. */
export function declaredNames(node: SyntaxNode): readonly string[] {
  switch (node.type) {
    case "ImportSpecifier":
    case "ImportDefaultSpecifier":
    case "ImportNamespaceSpecifier":
      return patternNames(node.local);
    case "VariableDeclarator":
    case "ClassDeclaration":
      return patternNames(node.id);
    case "CatchClause":
      return patternNames(node.param);
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
      return [node.id, ...children(node, "params")].flatMap(patternNames);
    default:
      return [];
  }
}

function patternNames(pattern: unknown): readonly string[] {
  if (!isNode(pattern)) return [];
  switch (pattern.type) {
    case "Identifier":
      return [String(pattern.name)];
    case "ObjectPattern":
      return children(pattern, "properties").flatMap((item) =>
        patternNames(item.type === "Property" ? item.value : item),
      );
    case "ArrayPattern":
      return children(pattern, "elements").flatMap(patternNames);
    case "AssignmentPattern":
      return patternNames(pattern.left);
    case "RestElement":
      return patternNames(pattern.argument);
    default:
      return [];
  }
}
