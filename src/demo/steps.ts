import { shareOf, type Tally } from "./tally.ts";

/** Weight in force of each server that should be serving. */
export type Weights = Readonly<Record<string, number>>;

/** What was seen in a step of the tour; times in milliseconds, null when it did not happen in time. */
export type Observation =
  | { readonly step: "all-serve"; readonly weights: Weights; readonly load: Tally }
  | {
      readonly step: "server-stopped";
      readonly server: string;
      readonly boundMs: number;
      readonly removedAfterMs: number | null;
      /** From the stop to the removal. */
      readonly before: Tally;
      /** From the removal on. */
      readonly after: Tally;
      readonly weights: Weights;
    }
  | {
      readonly step: "server-back";
      readonly server: string;
      readonly boundMs: number;
      readonly backAfterMs: number | null;
      readonly load: Tally;
      readonly weights: Weights;
    }
  | {
      readonly step: "weight-changed";
      readonly server: string;
      readonly weights: Weights;
      /** What the reload wrote, counted by kind. */
      readonly operations: Readonly<Record<string, number>>;
      readonly load: Tally;
    }
  | {
      /** Every request of the tour; only those to the stopped server before its removal may fail. */
      readonly step: "all-requests";
      readonly requests: number;
      readonly errors: number;
      readonly excused: number;
    }
  /** The step could not be carried out. */
  | { readonly step: "broke-off"; readonly cause: string }
  | { readonly step: "clean-end"; readonly directorStatus: number | null; readonly leftProcesses: readonly number[] };

export interface Judgement {
  readonly passed: boolean;
  /** What happened, in numbers. */
  readonly sentence: string;
  /** What did not happen as claimed, one sentence each. */
  readonly failures: readonly string[];
}

/** With fewer requests nothing can be said about shares or errors. */
const fewestRequests = 30;
/** wrr is exact over a cycle; the windows cut through cycles. */
const shareTolerance = 0.05;

/** Whether a step did what it claims. Pure. */
export function judge(observation: Observation): Judgement {
  switch (observation.step) {
    case "all-serve": {
      const { weights, load } = observation;
      return judged(`${requestsText(load)}: ${sharesText(weights, load)}`, [
        ...noErrors(load),
        ...shares(weights, load),
      ]);
    }
    case "server-stopped": {
      const { server, boundMs, removedAfterMs, before, after, weights } = observation;
      if (removedAfterMs === null) {
        return judged(`${server} was stopped and is still in the table`, [
          `${server} did not leave within ${seconds(boundMs)}`,
        ]);
      }
      const sentence =
        `${server} left the table after ${seconds(removedAfterMs)} (bound ${seconds(boundMs)}); ` +
        `${before.errors} of ${before.requests} requests failed until then, ${after.errors} of ${after.requests} since`;
      return judged(sentence, [
        ...within(server, "left", removedAfterMs, boundMs),
        ...noErrors(after),
        ...shares(weights, after),
      ]);
    }
    case "server-back": {
      const { server, boundMs, backAfterMs, load, weights } = observation;
      if (backAfterMs === null) {
        return judged(`${server} was started again and is not in the table`, [
          `${server} was not back within ${seconds(boundMs)}`,
        ]);
      }
      const sentence = `${server} was back after ${seconds(backAfterMs)} (bound ${seconds(boundMs)}); ${requestsText(load)}: ${sharesText(weights, load)}`;
      return judged(sentence, [
        ...within(server, "was back", backAfterMs, boundMs),
        ...noErrors(load),
        ...shares(weights, load),
      ]);
    }
    case "weight-changed": {
      const { server, weights, operations, load } = observation;
      const written = operationsText(operations);
      const sentence = `weight ${weights[server]} for ${server}: the reload wrote ${written}; ${requestsText(load)}: ${sharesText(weights, load)}`;
      const onlyTheChange =
        written === "1 set-destination" ? [] : [`the reload wrote ${written} instead of 1 set-destination`];
      return judged(sentence, [...onlyTheChange, ...noErrors(load), ...shares(weights, load)]);
    }
    case "all-requests": {
      const { requests, errors, excused } = observation;
      const others = errors - excused;
      const failures = others === 0 ? [] : [`${others} requests failed although no server was being removed`];
      return judged(`${requests} requests, ${errors} errors`, failures);
    }
    case "broke-off":
      return judged("the step could not be carried out", [observation.cause]);
    case "clean-end": {
      const { directorStatus, leftProcesses } = observation;
      const failures = [
        ...(directorStatus === 0 ? [] : [`the director ended with status ${directorStatus ?? "none"}`]),
        ...(leftProcesses.length === 0 ? [] : [`processes were left: ${leftProcesses.join(", ")}`]),
      ];
      const clean = "the director removed its service and ended; no process is left";
      return judged(failures.length === 0 ? clean : "not everything ended as it should", failures);
    }
  }
}

/** "1 set-destination", "2 new-destination, 1 set-service", or "nothing". */
export function operationsText(operations: Readonly<Record<string, number>>): string {
  const written = Object.entries(operations).filter(([, count]) => count > 0);
  return written.length === 0 ? "nothing" : written.map(([kind, count]) => `${count} ${kind}`).join(", ");
}

/** "web1 34 %, web2 33 %, web3 33 %". */
export function sharesText(weights: Weights, load: Tally): string {
  return Object.keys(weights)
    .map((server) => `${server} ${percent(shareOf(server, load))}`)
    .join(", ");
}

function judged(sentence: string, failures: readonly string[]): Judgement {
  return { passed: failures.length === 0, sentence, failures };
}

function noErrors({ errors, requests, firstError }: Tally): string[] {
  return errors === 0 ? [] : [`${errors} of ${requests} requests failed (the first: ${firstError})`];
}

function within(server: string, what: string, tookMs: number, boundMs: number): string[] {
  return tookMs <= boundMs
    ? []
    : [`${server} ${what} after ${seconds(tookMs)}, later than the bound of ${seconds(boundMs)}`];
}

function shares(weights: Weights, load: Tally): string[] {
  if (load.requests < fewestRequests) return [`only ${load.requests} requests were made, too few to say anything`];
  const sum = Object.values(weights).reduce((total, weight) => total + weight, 0);
  const wrong = Object.entries(weights).flatMap(([server, weight]) => {
    const [wanted, got] = [weight / sum, shareOf(server, load)];
    return Math.abs(got - wanted) <= shareTolerance
      ? []
      : [`${server} had ${percent(got)} of the traffic, its weight says ${percent(wanted)}`];
  });
  const strangers = Object.keys(load.byServer).filter((server) => !Object.hasOwn(weights, server));
  return [...wrong, ...strangers.map((server) => `${server} answered, but was not to serve`)];
}

function requestsText({ requests, errors }: Tally): string {
  return `${requests} requests, ${errors} errors`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
