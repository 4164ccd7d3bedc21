import { expect, test } from "vitest";
import { conditionalRest } from "./condition.ts";

function rest(text: string): string | null {
  const at = conditionalRest(text, "main");
  return at === null ? null : text.slice(at);
}

// As keepalived 2.2.7 -t -i main reads them.
test.each([
  ["@main priority 1", "priority 1"],
  ["@backup priority 1", null],
  ["@^main priority 1", null],
  ["@^backup \t priority 1", "priority 1"],
  ["@mainx priority 1", null],
  ["@mai priority 1", null],
  ["@ priority 1", null],
  ["@^ priority 1", "priority 1"],
  ["@main", null],
  ["@main{", null],
  ["@main @^backup a", "@^backup a"],
])("%j is %j", (text, expected) => expect(rest(text)).toBe(expected));
