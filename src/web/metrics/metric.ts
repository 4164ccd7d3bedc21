import type { Labels } from "./labels.ts";
import type { Scrape } from "./scrape.ts";

/** One line. Labels that are the same object at every scrape are written out once. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
  /** "_bucket", "_sum" or "_count" of a histogram. */
  readonly suffix?: string;
}

/** One metric: what is exposed, and what docs/metrics.md says of it. */
export interface Metric {
  readonly name: string;
  readonly type: "gauge" | "counter" | "histogram";
  readonly labels: readonly string[];
  /** A sentence without its full stop. */
  readonly help: string;
  /** From what is known; pure. */
  readonly samples: (scrape: Scrape) => Iterable<Sample>;
}

/** Metrics with the same labels, and what there is one series of for each metric. */
export interface MetricGroup {
  readonly title: string;
  /** What bounds the number of series, for the manual. */
  readonly bound: string;
  readonly metrics: readonly Metric[];
}

const none: Labels = {};

/** A metric with one series. Null: none now. */
export function single(
  type: "gauge" | "counter",
  name: string,
  help: string,
  value: (scrape: Scrape) => number | null,
): Metric {
  return {
    ...{ name, type, help },
    labels: [],
    samples: (scrape) => {
      const now = value(scrape);
      return now === null ? [] : [{ labels: none, value: now }];
    },
  };
}

export interface Row {
  readonly labels: Labels;
}

/** A family of metrics that all have one series for each row. */
export function perRow<R extends Row>(labels: readonly string[], rows: (scrape: Scrape) => readonly R[]) {
  return (type: "gauge" | "counter", name: string, help: string, value: (row: R) => number | null): Metric => ({
    ...{ name, type, labels, help },
    *samples(scrape) {
      for (const row of rows(scrape)) {
        const now = value(row);
        if (now !== null) yield { labels: row.labels, value: now };
      }
    },
  });
}
