import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { commandTree } from "../command-tree.ts";
import { commands, createWholeProgram } from "../commands.ts";
import { commandTexts } from "./command-texts.ts";
import { manPages } from "./man-pages.ts";

const tree = commandTree(await createWholeProgram());
const pages = manPages(tree, "1.2.3");

/** As man shows it on a wide terminal, without bold and italics. */
function rendered(page: string) {
  const { stdout, stderr } = spawnSync("groff", ["-man", "-Tascii", "-ww", "-P-c", "-P-b", "-P-u", "-rLL=1000n"], {
    input: page,
    encoding: "utf8",
  });
  return { text: stdout.replace(/\s+/g, " "), stderr };
}

describe("man pages", () => {
  test("each command has one, and texts", () => {
    expect(Object.keys(pages)).toEqual(["lbctl.8", ...Object.keys(commands).map((name) => `lbctl-${name}.8`)]);
    expect(Object.keys(commandTexts).toSorted()).toEqual(Object.keys(commands).toSorted());
  });

  test.each(Object.keys(pages))("%s is roff that groff has nothing to say about", (name) => {
    expect(rendered(pages[name] ?? "").stderr).toBe("");
  });

  test.each(tree.commands)("$name: every option of the help is in the page, with its text", (command) => {
    const { text } = rendered(pages[`lbctl-${command.name}.8`] ?? "");
    for (const { short, long, value, description } of command.options) {
      for (const name of [short, long]) if (name !== null) expect(text).toContain(name);
      if (value !== null) expect(text).toContain(`${long} ${value.required ? "<" : "["}${value.placeholder}`);
      expect(text.toLowerCase()).toContain(description.toLowerCase());
    }
    for (const { line } of commandTexts[command.name]?.examples ?? []) expect(text).toContain(line);
  });

  test("lbctl(8) names every command and every exit status", () => {
    const { text } = rendered(pages["lbctl.8"] ?? "");
    for (const { name } of tree.commands) expect(text).toContain(`lbctl-${name}(8)`);
    for (const status of [0, 1, 2, 3, 4, 5, 6, 7]) expect(text).toMatch(new RegExp(` ${status} [A-Z]`));
  });
});

test("every example is a call that the command line takes", async () => {
  for (const { name, options } of tree.commands) {
    const flags = new Set(options.flatMap(({ short, long }) => [short, long]));
    for (const { line } of commandTexts[name]?.examples ?? []) {
      const own = /\blbctl (\S+)([^|>)&]*)/.exec(line);
      expect(own, line).not.toBeNull();
      for (const [flag] of (own?.[2] ?? "").matchAll(/(?<=\s)--?[a-zA-Z][\w-]*/g)) expect(flags, line).toContain(flag);
    }
  }
});
