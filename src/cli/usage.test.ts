import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { createWholeProgram } from "./commands.ts";
import { refuseExcessWords, shellWord, withoutUnknownHelp } from "./usage.ts";

describe("words that a command does not take", () => {
  const refusal = (words: readonly string[]): string => {
    let said = "";
    const command = new Command("validate")
      .option("-f, --use-file <file>")
      .argument("[first]")
      .action(() => {});
    command
      .configureOutput({
        writeErr: (text) => {
          said += text;
        },
      })
      .exitOverride(() => {
        throw new Error("ended");
      });
    try {
      refuseExcessWords(command).parse([...words], { from: "user" });
    } catch {
      // What was said is looked at.
    }
    return said;
  };

  test.each([
    [[], ""],
    [["one"], ""],
    [["one", "lb.conf"], "error: 'validate' takes no 'lb.conf'\n(Did you mean -f lb.conf?)\n"],
    [["one", "two", "three"], "error: 'validate' takes no 'two'\n"],
  ])("%j: %j", (words, said) => expect(refusal(words)).toBe(said));
});

test.each([
  [
    ["help", "status"],
    ["help", "status"],
  ],
  [["help", "sttus"], ["sttus"]],
  [["sttus", "--help"], ["sttus"]],
  [
    ["status", "--help"],
    ["status", "--help"],
  ],
  [["--help"], ["--help"]],
  [["help"], ["help"]],
  [
    ["help", "help"],
    ["help", "help"],
  ],
  [[], []],
])("%j is read as %j", (words, read) => {
  expect(withoutUnknownHelp(words, (word) => word === "status")).toEqual(read);
});

test.each([40, 60, 71, 72, 80])("help fits in %i columns", async (columns) => {
  const program = await createWholeProgram();
  for (const command of [program, ...program.commands]) {
    let said = "";
    command.configureOutput({
      writeOut: (text) => {
        said += text;
      },
      getOutHelpWidth: () => columns,
    });
    command.outputHelp();
    // A term, and an example to copy, are not broken.
    const [explained = ""] = said.split("\nExamples:");
    const wide = explained.split("\n").filter((line) => line.length > columns && !/^ {2}\S|^Usage:/.test(line));
    expect(wide).toEqual([]);
  }
});

test("a command that asks the director says whose file counts", async () => {
  const program = await createWholeProgram();
  let said = "";
  const reload = program.commands.find((command) => command.name() === "reload") as Command;
  reload.configureOutput({
    writeErr: (text) => {
      said += text;
    },
  });
  reload.exitOverride();
  await expect(reload.parseAsync(["-f", "lb.yaml"], { from: "user" })).rejects.toThrow();
  expect(said).toContain("The file is the one that the director was started with");
});

test("words for a shell", () => {
  expect(["/etc/lb.yaml", "a b", "it's"].map(shellWord)).toEqual(["/etc/lb.yaml", "'a b'", "'it'\\''s'"]);
});
