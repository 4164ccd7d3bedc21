import { describe, expect, test } from "vitest";
import { paintFor } from "./style.ts";

const terminal = { isTTY: true };

describe("paintFor", () => {
  test.each([
    ["red", 31],
    ["green", 32],
    ["yellow", 33],
    ["cyan", 36],
    ["bold", 1],
    ["dim", 2],
  ] as const)("%s on a terminal", (code, number) => {
    expect(paintFor(terminal, { TERM: "xterm" })(code, "up")).toBe(`\u001b[${number}mup\u001b[0m`);
  });

  test.each([
    ["a file or a pipe", { isTTY: false }, {}],
    ["a stream that does not say", {}, {}],
    ["NO_COLOR, whatever its value", terminal, { NO_COLOR: "0" }],
    ["a dumb terminal", terminal, { TERM: "dumb" }],
  ])("none: %s", (_what, stream, env) => {
    expect(paintFor(stream, env)("red", "down")).toBe("down");
  });

  test("an empty NO_COLOR asks for nothing", () => {
    expect(paintFor(terminal, { NO_COLOR: "" })("red", "down")).toContain("\u001b");
  });
});
