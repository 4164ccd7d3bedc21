import { uncovered } from "../../operator/overrides.ts";
import { durationBucketsS } from "../../supervisor/checkers/check-counts.ts";
import type { Labels } from "./labels.ts";
import { type Metric, type MetricGroup, perRow, type Sample, single } from "./metric.ts";
import type { Scrape } from "./scrape.ts";

const reloads = perRow(["result"], ({ told }) =>
  (["applied", "refused", "failed"] as const).map((result) => ({
    labels: { result },
    count: told.counted.reloads[result],
  })),
);
const overrides = perRow(["kind"], ({ told }) => {
  const kinds = { enabled: 0, disabled: 0, drained: 0, weight: 0 };
  for (const { setting } of uncovered(told.overrides))
    kinds[setting.kind === "weight" ? "weight" : setting.adminState] += 1;
  return Object.entries(kinds).map(([kind, count]) => ({ labels: { kind }, count }));
});
const events = perRow(["event"], ({ told }) =>
  Object.entries(told.counted.events).map(([event, count]) => ({ labels: { event }, count })),
);

const durations: Metric = {
  name: "lbctl_check_duration_seconds",
  type: "histogram",
  labels: ["check", "result"],
  help: "How long checks took, by kind of check and whether they passed",
  *samples({ told }) {
    for (const [name, { buckets, sumMs }] of Object.entries(told.counted.checks.durations)) {
      const [check = "", result = ""] = name.split(" ");
      yield* histogram({ check, result }, buckets, sumMs / 1000);
    }
  },
};

function* histogram(labels: Labels, buckets: readonly number[], sum: number): Generator<Sample> {
  let count = 0;
  for (const [index, inClass] of buckets.entries()) {
    count += inClass;
    const end = durationBucketsS[index];
    yield { labels: { ...labels, le: end === undefined ? "+Inf" : `${end}` }, value: count, suffix: "_bucket" };
  }
  yield { labels, value: sum, suffix: "_sum" };
  yield { labels, value: count, suffix: "_count" };
}

const build: Metric = {
  name: "lbctl_build_info",
  type: "gauge",
  labels: ["version", "node_version", "data_plane"],
  help: "1, with what runs",
  samples: ({ told, nodeVersion }) => [
    { labels: { version: told.daemon.version, node_version: nodeVersion, data_plane: told.dataPlane }, value: 1 },
  ],
};

const seconds = (epochMs: number): number => epochMs / 1000;

export const checkMetrics: MetricGroup = {
  title: "Checks",
  bound: "kinds of checks, not checks",
  metrics: [
    durations,
    single(
      "gauge",
      "lbctl_checks",
      "Checks that run: those that real servers share are one",
      ({ view }: Scrape) => view.checks.size,
    ),
    single(
      "counter",
      "lbctl_check_starts_total",
      "Runs that were started, also those that the addon repeats",
      ({ told }) => told.counted.checks.lateRuns,
    ),
    single(
      "counter",
      "lbctl_check_start_lateness_seconds_total",
      "By how much those runs were started later than they were due, together",
      ({ told }) => told.counted.checks.lateSumMs / 1000,
    ),
    single(
      "gauge",
      "lbctl_check_start_lateness_max_seconds",
      "The worst such lateness so far",
      ({ told }) => told.counted.checks.lateMaxMs / 1000,
    ),
  ],
};

export const directorMetrics: MetricGroup = {
  title: "The director",
  bound: "a fixed number",
  metrics: [
    build,
    single("gauge", "lbctl_start_time_seconds", "When the supervisor was started, Unix time", ({ told }) =>
      seconds(Date.parse(told.daemon.started_at)),
    ),
    single(
      "gauge",
      "lbctl_configuration_generation",
      "Counts the configurations that came into force, from 1",
      (scrape) => scrape.view.generation,
    ),
    reloads(
      "counter",
      "lbctl_reloads_total",
      "Reloads: applied, refused, or failed to be carried out",
      (row) => row.count,
    ),
    single("gauge", "lbctl_last_reload_successful", "0 while the last reload was refused or failed", ({ told }) =>
      Number(told.counted.reloads.lastWasApplied),
    ),
    single(
      "gauge",
      "lbctl_last_reload_success_timestamp_seconds",
      "When the configuration in force was applied, Unix time",
      ({ told }) => seconds(told.counted.reloads.appliedEpochMs),
    ),
    single("gauge", "lbctl_data_plane_available", "0 while the table cannot be reached", ({ view }) =>
      Number(view.unavailable === null),
    ),
    single(
      "counter",
      "lbctl_drift_repaired_total",
      "Operations sent to undo what others did to our part of the table",
      ({ view }) => view.drift.repairedTotal,
    ),
    single(
      "gauge",
      "lbctl_refused_objects",
      "Services and destinations that the data plane refuses",
      ({ view }) => view.refusals.length,
    ),
    overrides("gauge", "lbctl_overrides", "What operators said of real servers and counts now", (row) => row.count),
    events("counter", "lbctl_events_total", "Events, as `lbctl events` prints them, by kind", (row) => row.count),
  ],
};
