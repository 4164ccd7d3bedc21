import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commandTree } from "../command-tree.ts";
import { createWholeProgram } from "../commands.ts";
import { deadLinks } from "../testing/dead-links.ts";

const root = join(import.meta.dirname, "../../..");
const tree = commandTree(await createWholeProgram());
const documents = globSync("{*.md,docs/**/*.md,ipvs/*.md,checkers/*.md}", { cwd: root });
const read = (path: string) => readFileSync(join(root, path), "utf8");

/** Command lines of the blocks that are marked as such. */
function commandLines(text: string): string[] {
  const blocks = text.matchAll(/^```console.*\n([\s\S]*?)^```/gm);
  return [...blocks].flatMap(([, body = ""]) => [...body.matchAll(/^[#$] (.*)$/gm)].map(([, line = ""]) => line));
}

/** Calls of lbctl on the line, without comments and what is quoted. */
function calls(line: string): { readonly name: string; readonly flags: readonly string[] }[] {
  const bare = line.replace(/'[^']*'|"[^"]*"/g, "Q").replace(/(^|\s)#.*/, "");
  return [...bare.matchAll(/(?:^|[\s/(])lbctl (?!lbctl)([a-z][\w-]*)([^|;&<>)]*)/g)].map(
    ([, name = "", rest = ""]) => ({
      name,
      flags: [...rest.matchAll(/(?<=\s)--?[a-zA-Z][\w-]*/g)].map(([flag]) => flag),
    }),
  );
}

describe("documents", () => {
  test.each(documents)("%s: the commands that it shows exist, with these options", (path) => {
    for (const line of commandLines(read(path))) {
      for (const { name, flags } of calls(line)) {
        const command = tree.commands.find((each) => each.name === name);
        expect(command, `${path}: lbctl ${name}`).toBeDefined();
        const known = command?.options.flatMap(({ short, long }) => [short, long]);
        for (const flag of flags) expect(known, `${path}: ${line}`).toContain(flag);
      }
    }
  });

  test.each(documents)("%s: what it links to is there", (path) => {
    expect(deadLinks(root, [path])).toEqual([]);
  });

  test("the README names every command", () => {
    const rows =
      read("README.md")
        .match(/^\| `lbctl .*$/gm)
        ?.join("\n") ?? "";
    const named = [...rows.matchAll(/`(?:lbctl )?([a-z][\w-]*)`/g)].map(([, name]) => name);
    expect(tree.commands.map(({ name }) => name).filter((name) => !named.includes(name) && name !== "help")).toEqual(
      [],
    );
  });
});
