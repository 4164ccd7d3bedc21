import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lineSplitter, parseAgentLine } from "./serial-protocol.ts";

describe("parseAgentLine", () => {
  test("reads every line the agent writes", () => {
    expect(parseAgentLine("ready")).toEqual({ kind: "ready" });
    expect(parseAgentLine("taken\r")).toEqual({ kind: "taken" });
    expect(parseAgentLine("pong 7")).toEqual({ kind: "pong", id: 7 });
    expect(parseAgentLine("done 7 137 killed")).toEqual({ kind: "done", id: 7, status: 137, how: "killed" });
  });

  test.each(["", "done", "done 7", "done 7 0", "done 7 0 maybe", "done x 0 exited", "pong", "pong 1 2", "ready 1"])(
    "is undefined for %j",
    (line) => {
      expect(parseAgentLine(line)).toBeUndefined();
    },
  );

  test("survives whatever a dying kernel writes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (line) => {
        parseAgentLine(line);
      }),
    );
  });
});

test("lineSplitter gives the same lines however the text is cut", () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z ]*$/)), fc.array(fc.nat()), (lines, cuts) => {
      const text = lines.map((line) => `${line}\n`).join("");
      const seen: string[] = [];
      const split = lineSplitter((line) => seen.push(line));
      const positions = [...new Set([0, ...cuts.map((cut) => cut % (text.length + 1)), text.length])];
      positions.sort((a, b) => a - b);
      positions.forEach((position, i) => {
        split(text.slice(position, positions[i + 1] ?? text.length));
      });
      expect(seen).toEqual(lines);
    }),
  );
});
