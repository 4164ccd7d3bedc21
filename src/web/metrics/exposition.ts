import { Registry } from "prom-client";
import type { Metric } from "./metric.ts";
import type { Scrape } from "./scrape.ts";
import { metricGroups } from "./table.ts";

export type ExpositionFormat = "text" | "openmetrics";

const contentTypes = {
  text: Registry.PROMETHEUS_CONTENT_TYPE,
  openmetrics: Registry.OPENMETRICS_CONTENT_TYPE,
} as const;

/** Writes metrics down for Prometheus. prom-client has the formats; the numbers are ours, as they are at the moment of the scrape. */
export class Exposition {
  readonly contentType: string;
  readonly #registry: Registry;
  #scrape: Scrape | null = null;

  constructor(format: ExpositionFormat) {
    this.contentType = contentTypes[format];
    this.#registry = new Registry();
    this.#registry.setContentType(contentTypes[format] as typeof Registry.PROMETHEUS_CONTENT_TYPE);
    const scrape = (): Scrape => {
      if (this.#scrape === null) throw new Error("there is no scrape under way");
      return this.#scrape;
    };
    for (const metric of metricGroups.flatMap(({ metrics }) => metrics))
      this.#registry.registerMetric(asked(metric, scrape));
  }

  /** One answer after the other: calls must not overlap. */
  async write(scrape: Scrape): Promise<string> {
    this.#scrape = scrape;
    try {
      return await this.#registry.metrics();
    } finally {
      this.#scrape = null;
    }
  }
}

/** What an Accept header wants: OpenMetrics when it is named, as Prometheus does, else the text format. */
export function formatFor(accept: string | undefined): ExpositionFormat {
  return /\bapplication\/openmetrics-text\b/.test(accept ?? "") ? "openmetrics" : "text";
}

/** As a metric of prom-client that is read when the registry writes. */
function asked({ name, type, help, samples }: Metric, scrape: () => Scrape): Parameters<Registry["registerMetric"]>[0] {
  // For OpenMetrics the registry takes "_total" off the name of what has this type.
  const metric = {
    ...{ name, type },
    async get() {
      const values = Array.from(samples(scrape()), ({ labels, value, suffix }) => ({
        ...{ value, sharedLabels: labels },
        ...(suffix === undefined ? {} : { metricName: `${name}${suffix}` }),
      }));
      return { name: this.name, help, type, values, aggregator: "sum" };
    },
  };
  return metric as unknown as Parameters<Registry["registerMetric"]>[0];
}
