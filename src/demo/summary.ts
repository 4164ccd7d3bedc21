import { type Observation, operationsText, sharesText } from "./steps.ts";

export interface Totals {
  readonly requests: number;
  readonly errors: number;
}

/** What the whole tour comes to, as lines. */
export function summaryLines(observations: readonly Observation[], totals: Totals): string[] {
  const rows: [string, string][] = [["requests", `${totals.requests}, each on a connection of its own`]];
  for (const observation of observations) rows.push(...observationRows(observation, totals));
  return rows.map(([name, value]) => `  ${name.padEnd(16)}  ${value}`);
}

function observationRows(observation: Observation, totals: Totals): [string, string][] {
  switch (observation.step) {
    case "server-stopped": {
      const { before, after, removedAfterMs, boundMs } = observation;
      const elsewhere = totals.errors - before.errors - after.errors;
      return [
        [
          "errors",
          `${before.errors} before the removal of the stopped server, ${after.errors} after it, ${elsewhere} at any other time`,
        ],
        ["removal", `${seconds(removedAfterMs)} after the stop, bound ${seconds(boundMs)}`],
      ];
    }
    case "server-back":
      return [["return", `${seconds(observation.backAfterMs)} after the start, bound ${seconds(observation.boundMs)}`]];
    case "weight-changed": {
      const { weights, load, operations } = observation;
      return [
        ["reload", `${operationsText(operations)} written`],
        [`weights ${Object.values(weights).join(":")}`, sharesText(weights, load)],
      ];
    }
    case "all-serve":
      return [
        [`weights ${Object.values(observation.weights).join(":")}`, sharesText(observation.weights, observation.load)],
      ];
    case "all-requests":
    case "broke-off":
    case "clean-end":
      return [];
  }
}

function seconds(ms: number | null): string {
  return ms === null ? "never" : `${(ms / 1000).toFixed(2)} s`;
}
