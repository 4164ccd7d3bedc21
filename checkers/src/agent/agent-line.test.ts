import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { describeReason } from "../describe.ts";
import { judgeAgentLine } from "./agent-line.ts";

const said = (line: string) => {
  const judged = judgeAgentLine(line);
  return judged.ok ? judged.findings : describeReason(judged.reason);
};

describe("judgeAgentLine", () => {
  test.each([
    ["75%", { weightPercent: 75 }],
    ["up 75%", { weightPercent: 75 }],
    ["UP,\t0%", { weightPercent: 0 }],
    ["ready 100%", { weightPercent: 100, mode: "ready" }],
    ["drain", { mode: "drain" }],
    ["maint 10%", { weightPercent: 10, mode: "maint" }],
    ["up", {}],
    ["maxconn:30", {}],
    ["up something-new 40%", { weightPercent: 40 }],
    ["50% 60%", { weightPercent: 60 }],
  ])("%j", (line, findings) => expect(said(line)).toEqual(findings));

  test.each([
    ["down", "the agent says down"],
    ["up down", "the agent says down"],
    ["Failed # disk full", "the agent says failed: disk full"],
    ["stopped#a # b\u0007", "the agent says stopped: a # b?"],
    ["fail", "the agent says fail"],
    ["", 'not a valid agent answer: the agent says ""'],
    ["75", 'not a valid agent answer: the agent says "75"'],
    ["-5%", 'not a valid agent answer: the agent says "-5%"'],
    ["# only words", 'not a valid agent answer: the agent says "# only words"'],
  ])("%j fails", (line, sentence) => expect(said(line)).toBe(sentence));

  test("takes whatever comes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (line) => {
        const judged = judgeAgentLine(line);
        if (judged.ok) expect(judged.findings.weightPercent ?? 0).toBeGreaterThanOrEqual(0);
        else expect(describeReason(judged.reason)).toMatch(/^[ -~]+$/);
      }),
    );
  });
});
