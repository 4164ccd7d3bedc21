import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../e2e/lbctl.ts";

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [epochS: number, value: string];
}

/** A real Prometheus that scrapes one target every second, in the network namespace of that target. */
export class Prometheus {
  readonly #directory = mkdtempSync(join(tmpdir(), "lbctl-prometheus-"));
  readonly #namespace: string;
  readonly #child;
  #log = "";
  #port = "";

  private constructor(namespace: string, target: string, rules: readonly string[]) {
    this.#namespace = namespace;
    const config = {
      global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
      rule_files: rules,
      scrape_configs: [{ job_name: "lbctl", static_configs: [{ targets: [target] }] }],
    };
    // JSON is YAML.
    writeFileSync(join(this.#directory, "prometheus.yml"), JSON.stringify(config));
    const own = [`--config.file=${this.#directory}/prometheus.yml`, `--storage.tsdb.path=${this.#directory}/data`];
    const words = ["netns", "exec", namespace, "prometheus", ...own, "--web.listen-address=127.0.0.1:0"];
    this.#child = spawn("ip", words, { stdio: ["ignore", "ignore", "pipe"] });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#log += text;
    });
  }

  static async start(namespace: string, target: string, rules: readonly string[] = []): Promise<Prometheus> {
    const prometheus = new Prometheus(namespace, target, rules);
    const port = (): string | undefined => /"Listening on" address=127\.0\.0\.1:(\d+)/.exec(prometheus.#log)?.[1];
    await until(
      "Prometheus listens",
      () => port() !== undefined,
      () => prometheus.#log,
    );
    prometheus.#port = port() ?? "";
    return prometheus;
  }

  /** What the expression is now. */
  query(expression: string): Promise<readonly Series[]> {
    return this.#get<{ result: readonly Series[] }>("query", { query: expression }).then(({ result }) => result);
  }

  async value(expression: string): Promise<number | null> {
    const [series] = await this.query(expression);
    return series === undefined ? null : Number(series.value[1]);
  }

  /** Names of the alerts that are pending or firing. */
  async alerts(): Promise<readonly string[]> {
    const { alerts } = await this.#get<{ alerts: readonly { labels: { alertname: string } }[] }>("alerts", {});
    return alerts.map(({ labels }) => labels.alertname);
  }

  async close(): Promise<void> {
    this.#child.kill("SIGKILL");
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "exit");
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  async #get<T>(what: string, query: Readonly<Record<string, string>>): Promise<T> {
    const url = `http://127.0.0.1:${this.#port}/api/v1/${what}`;
    const words = Object.entries(query).flatMap(([key, value]) => ["--data-urlencode", `${key}=${value}`]);
    const text = await curl(this.#namespace, "-G", url, ...words);
    const { data, error } = JSON.parse(text) as { data: T; error?: string };
    if (error !== undefined) throw new Error(`${query.query ?? what}: ${error}`);
    return data;
  }
}

/** The output of curl in a network namespace. */
export async function curl(namespace: string, ...words: readonly string[]): Promise<string> {
  const child = spawn("ip", ["netns", "exec", namespace, "curl", "-sS", ...words], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const [status] = await once(child, "close");
  if (status !== 0) throw new Error(`curl ${words.join(" ")}: ${stderr}`);
  return stdout;
}
