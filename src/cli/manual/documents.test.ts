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

/** What is set as code in the text between the blocks: commands, and also what lbctl says. */
function codeIn(text: string): string[] {
  const between = text.replaceAll(/^```[\s\S]*?^```/gm, "");
  return [...between.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code.replaceAll("\n", " "));
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

/** Flags that the line has and the command does not. */
function unknownFlags(line: string): string[] {
  return calls(line).flatMap(({ name, flags }) => {
    const command = tree.commands.find((each) => each.name === name);
    const known = command?.options.flatMap(({ short, long }) => [short, long]) ?? flags;
    return flags.filter((flag) => !known.includes(flag)).map((flag) => `${flag} in ${line}`);
  });
}

describe("documents", () => {
  test.each(documents)("%s: the commands that it shows exist, with these options", (path) => {
    const lines = commandLines(read(path));
    const names = new Set(tree.commands.map(({ name }) => name));
    for (const { name } of lines.flatMap(calls)) expect(names, `${path}: lbctl ${name}`).toContain(name);
    // The changelog also tells of what is refused.
    const inText = path === "CHANGELOG.md" ? [] : codeIn(read(path));
    expect([...lines, ...inText].flatMap(unknownFlags)).toEqual([]);
  });

  test.each(documents)("%s: what it links to is there", (path) => {
    expect(deadLinks(root, [path])).toEqual([]);
  });

  test("what docs/troubleshooting.md quotes as symptoms is what lbctl says", () => {
    const [, table = ""] = read("docs/troubleshooting.md").split("## Other symptoms\n");
    const symptoms = [...table.matchAll(/^\| (.*?) \|/gm)]
      .map(([, cell = ""]) => cell)
      .filter((cell) => cell.includes("`"));
    expect(symptoms.length).toBeGreaterThan(6);
    const sources = globSync("src/**/*.ts", { cwd: root, exclude: ["**/*.test.ts"] })
      .map(read)
      .join("\n");
    // What stands for something else, or is put together by lbctl.
    const said = symptoms
      .flatMap(codeIn)
      .flatMap((text) => text.split(/\.\.\.[/\w.:]*| process N |^(?:checker|vrrp) /));
    expect(said.map((part) => part.trim()).filter((part) => part !== "" && !sources.includes(part))).toEqual([]);
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
