import { describe, expect, test } from "vitest";
import { judge, type Observation } from "./steps.ts";
import type { Tally } from "./tally.ts";

function load(byServer: Record<string, number>, errors = 0): Tally {
  const answered = Object.values(byServer).reduce((sum, count) => sum + count, 0);
  return { requests: answered + errors, errors, firstError: errors === 0 ? null : "ECONNRESET", byServer };
}

const even = { web1: 1, web2: 1, web3: 1 };
const stopped: Observation = {
  step: "server-stopped",
  server: "web2",
  boundMs: 1700,
  removedAfterMs: 640,
  before: load({ web1: 20, web3: 20 }, 18),
  after: load({ web1: 50, web3: 51 }),
  weights: { web1: 1, web3: 1 },
};
const back: Observation = {
  step: "server-back",
  server: "web2",
  boundMs: 1000,
  backAfterMs: 400,
  load: load({ web1: 30, web2: 30, web3: 30 }),
  weights: even,
};
const changed: Observation = {
  step: "weight-changed",
  server: "web1",
  weights: { web1: 3, web2: 1, web3: 1 },
  operations: { "set-destination": 1, "new-service": 0 },
  load: load({ web1: 60, web2: 20, web3: 20 }),
};

describe("a step that did what it claims passes, and says so in numbers", () => {
  test.each<[Observation, string]>([
    [
      { step: "all-serve", weights: even, load: load({ web1: 33, web2: 33, web3: 34 }) },
      "100 requests, 0 errors: web1 33 %, web2 33 %, web3 34 %",
    ],
    [stopped, "web2 left the table after 0.64 s (bound 1.70 s); 18 of 58 requests failed until then, 0 of 101 since"],
    [back, "web2 was back after 0.40 s (bound 1.00 s); 90 requests, 0 errors: web1 33 %, web2 33 %, web3 33 %"],
    [
      changed,
      "weight 3 for web1: the reload wrote 1 set-destination; 100 requests, 0 errors: web1 60 %, web2 20 %, web3 20 %",
    ],
    [{ step: "all-requests", requests: 1000, errors: 18, excused: 18 }, "1000 requests, 18 errors"],
    [
      { step: "clean-end", directorStatus: 0, leftProcesses: [] },
      "the director removed its service and ended; no process is left",
    ],
  ])("$step", (observation, sentence) => {
    expect(judge(observation)).toEqual({ passed: true, sentence, failures: [] });
  });
});

describe("a step that did not is failed, with the reason", () => {
  test.each<[string, Observation, string]>([
    [
      "an error",
      { step: "all-serve", weights: even, load: load({ web1: 33, web2: 33, web3: 33 }, 1) },
      "1 of 100 requests failed (the first: ECONNRESET)",
    ],
    [
      "a server without traffic",
      { step: "all-serve", weights: even, load: load({ web1: 50, web2: 50 }) },
      "web3 had 0 % of the traffic, its weight says 33 %",
    ],
    [
      "hardly any request",
      { step: "all-serve", weights: even, load: load({ web1: 1, web2: 1, web3: 1 }) },
      "only 3 requests were made, too few to say anything",
    ],
    [
      "no answer at all",
      { step: "all-serve", weights: even, load: load({}, 100) },
      "100 of 100 requests failed (the first: ECONNRESET)",
    ],
    ["a server that stays", { ...stopped, removedAfterMs: null }, "web2 did not leave within 1.70 s"],
    [
      "a server that leaves too late",
      { ...stopped, removedAfterMs: 1701 },
      "web2 left after 1.70 s, later than the bound of 1.70 s",
    ],
    [
      "an error after the removal",
      { ...stopped, after: load({ web1: 50, web3: 50 }, 1) },
      "1 of 101 requests failed (the first: ECONNRESET)",
    ],
    [
      "no load after the removal",
      { ...stopped, after: load({}) },
      "only 0 requests were made, too few to say anything",
    ],
    [
      "an answer of the stopped server",
      { ...stopped, after: load({ web1: 50, web2: 1, web3: 50 }) },
      "web2 answered, but was not to serve",
    ],
    ["a server that does not come back", { ...back, backAfterMs: null }, "web2 was not back within 1.00 s"],
    [
      "a server that is back too late",
      { ...back, backAfterMs: 2000 },
      "web2 was back after 2.00 s, later than the bound of 1.00 s",
    ],
    [
      "a server that is back but gets nothing",
      { ...back, load: load({ web1: 45, web3: 45 }) },
      "web2 had 0 % of the traffic, its weight says 33 %",
    ],
    [
      "shares that do not follow the weights",
      { ...changed, load: load({ web1: 34, web2: 33, web3: 33 }) },
      "web1 had 34 % of the traffic, its weight says 60 %",
    ],
    [
      "a reload that writes more than the change",
      { ...changed, operations: { "set-destination": 1, "set-service": 1 } },
      "the reload wrote 1 set-destination, 1 set-service instead of 1 set-destination",
    ],
    [
      "a reload that writes nothing",
      { ...changed, operations: {} },
      "the reload wrote nothing instead of 1 set-destination",
    ],
    [
      "a director that fails to end",
      { step: "clean-end", directorStatus: 1, leftProcesses: [] },
      "the director ended with status 1",
    ],
    [
      "a step that breaks off",
      { step: "broke-off", cause: "the director does not answer" },
      "the director does not answer",
    ],
    [
      "an error at any other time",
      { step: "all-requests", requests: 1000, errors: 19, excused: 18 },
      "1 requests failed although no server was being removed",
    ],
    [
      "a process that is left",
      { step: "clean-end", directorStatus: 0, leftProcesses: [4711] },
      "processes were left: 4711",
    ],
  ])("%s", (_what, observation, failure) => {
    const judgement = judge(observation);
    expect(judgement.passed).toBe(false);
    expect(judgement.failures).toContain(failure);
  });
});
