import { applyVerdict, type Check, type CheckChange, type CheckState, type Verdict } from "@lbctl/checkers";
import { describe, expect, test } from "vitest";
import { failureLog } from "./failure-log.ts";

const check: Check = {
  spec: {
    type: "HTTP_GET",
    connect: { address: "2001:db8::1", port: 80, bindto: null, bindPort: null, bindIf: null, fwmark: null },
    httpProtocol: "1.0",
    urls: [],
  },
  timing: { delayLoopMs: 6000, connectTimeoutMs: 5000, retry: 2, delayBeforeRetryMs: 1000, warmupMs: 0 },
  alpha: false,
  logAllFailures: true,
};
const up: CheckState = { health: "up", sinceEpochMs: 0, failures: 0, verdict: null, checkedEpochMs: null };
const refused: Verdict = { ok: false, latencyMs: 1, reason: { kind: "refused" }, url: "/health" };
const passed: Verdict = { ok: true, latencyMs: 1 };

/** What the check runner would report of these verdicts, one after the other. */
function changes(start: CheckState, of: Check, ...verdicts: readonly Verdict[]): CheckChange[] {
  let state = start;
  return verdicts.map((verdict) => {
    const decision = applyVerdict(state, of, verdict, { monotonicMs: 0, epochMs: 1 });
    state = decision.state;
    return { key: "k", check: of, state, transition: decision.transition };
  });
}

const messages = (all: readonly CheckChange[]) => all.map((change) => failureLog(change)?.message ?? null);

describe("failures that take nothing down yet", () => {
  test("each is told, with how many it takes; the one that decides is the director's to tell", () => {
    expect(messages(changes(up, check, passed, refused, refused, refused, refused, passed))).toEqual([
      null,
      "check HTTP_GET [2001:db8::1]:80: /health: connect refused (1st failure, down at the 3rd)",
      "check HTTP_GET [2001:db8::1]:80: /health: connect refused (2nd failure, down at the 3rd)",
      null,
      null,
      null,
    ]);
  });

  test("a target that is new counts as up, with alpha as down", () => {
    const unknown: CheckState = { ...up, health: "unknown" };
    expect(messages(changes(unknown, check, refused))[0]).toContain("1st failure");
    expect(messages(changes(unknown, { ...check, alpha: true }, refused))).toEqual([null]);
  });

  test("log_all_failures makes them news, else they are details", () => {
    const severity = (of: Check) => changes(up, of, refused).map((change) => failureLog(change)?.severity);
    expect(severity(check)).toEqual(["info"]);
    expect(severity({ ...check, logAllFailures: false })).toEqual(["debug"]);
  });
});
