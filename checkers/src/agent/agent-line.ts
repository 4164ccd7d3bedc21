import type { Findings, Reason } from "../verdict.ts";

/** What an agent says in words that take a server down; "fail" is HAProxy's other spelling. */
const downWords = new Set(["down", "failed", "fail", "stopped"]);
const modes = new Set(["ready", "drain", "maint"]);

/** More than this many octets are no line of an agent. */
export const maxAgentLineBytes = 1024;

export type AgentJudged =
  | { readonly ok: true; readonly findings: Findings }
  | { readonly ok: false; readonly reason: Reason };

/**
 * What the line of an agent means, in the vocabulary of HAProxy's agent-check (its configuration manual, "agent-check"): words
 * between blanks and commas, in any order and case. "75%" is a share of the configured weight; "drain" and "maint" hold until
 * "ready"; "down", "failed" and "stopped" may have a description behind "#". Words that are none of these say nothing, but
 * one at least must be known: "up" is, and so is "maxconn:30", which changes nothing here.
 */
export function judgeAgentLine(line: string): AgentJudged {
  const [said = "", ...descriptions] = line.split("#");
  const description = printable(descriptions.join("#").trim());
  const words = said
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== "");
  const down = words.find((word) => downWords.has(word));
  if (down !== undefined) return { ok: false, reason: { kind: "agent", said: down, description } };
  if (!words.some((word) => isKnown(word))) {
    const detail = `the agent says "${printable(line.trim())}"`;
    return { ok: false, reason: { kind: "malformed", protocol: "agent", detail } };
  }
  const percent = words.map(percentOf).findLast((each) => each !== null);
  const mode = words.findLast((word) => modes.has(word)) as Findings["mode"];
  return {
    ok: true,
    findings: {
      ...(percent === undefined || percent === null ? {} : { weightPercent: percent }),
      ...(mode === undefined ? {} : { mode }),
    },
  };
}

function isKnown(word: string): boolean {
  return word === "up" || modes.has(word) || percentOf(word) !== null || /^maxconn:[0-9]+$/.test(word);
}

function percentOf(word: string): number | null {
  return /^[0-9]{1,5}%$/.test(word) ? Number(word.slice(0, -1)) : null;
}

function printable(text: string): string {
  const shown = text.replace(/[^\x20-\x7e]/g, "?");
  return shown.length > 60 ? `${shown.slice(0, 60)}...` : shown;
}
