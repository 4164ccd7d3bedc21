import { expect, test } from "vitest";
import { leftReferences } from "./left-references.ts";

const left = (text: string) =>
  leftReferences(text, (name) => name === "KNOWN").map(({ start, end, hint }) => [text.slice(start, end), hint]);

test("a name that nothing defines, bare and in quotes", () => {
  expect(left("priority $PRIO")).toEqual([["$PRIO", "a line such as $PRIO=value must stand above"]]);
  expect(left(`notify "/bin/tell \${NAME} $OTHER"`).map(([text]) => text)).toEqual([`\${NAME}`, "$OTHER"]);
});

test("a name that is defined and cannot be told from what follows", () => {
  expect(left("interface $KNOWN.100")).toEqual([["$KNOWN", `write \${KNOWN}`]]);
});

test.each([
  "priority 100",
  "digest $1$2",
  "regex ^ok$",
  'script "\\$HOME/check"',
  "script \"/bin/sh -c 'test $LOAD -lt 5'\"",
  "script bash -c 'echo $A'",
  `interface \${NAME}`,
])("nothing to say of %s", (text) => {
  expect(left(text)).toEqual([]);
});
