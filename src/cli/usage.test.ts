import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { refuseExcessWords, withoutUnknownHelp } from "./usage.ts";

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
