import { get } from "node:http";
import { performance } from "node:perf_hooks";
import { type RequestRecord, type Tally, tally } from "./tally.ts";

/** Each request has to be answered within this time. */
const deadlineMs = 2000;
/** What is older is only kept in the totals. */
const keptMs = 60_000;

/** Requests at a constant rate, each on a connection of its own. */
export class ClientLoad {
  readonly #url: string;
  readonly #perS: number;
  #records: RequestRecord[] = [];
  readonly #pending = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | null = null;
  #requests = 0;
  #errors = 0;

  constructor(url: string, requestsPerS: number) {
    this.#url = url;
    this.#perS = requestsPerS;
  }

  get totals(): { readonly requests: number; readonly errors: number } {
    return { requests: this.#requests, errors: this.#errors };
  }

  /** The totals once the requests under way have ended. */
  async settledTotals(): Promise<ClientLoad["totals"]> {
    await this.settled();
    return this.totals;
  }

  start(): void {
    const startedMs = performance.now();
    let sent = 0;
    this.#timer = setInterval(() => {
      // Never more than the rate allows, also after a pause in which nothing was sent.
      const due = Math.floor(((performance.now() - startedMs) / 1000) * this.#perS);
      const batch = Math.min(due - sent, Math.ceil(this.#perS / 10));
      sent = due;
      for (let n = 0; n < batch; n++) this.#send();
    }, 10);
    setInterval(() => this.#forget(), keptMs / 4).unref();
  }

  /** Resolves when the requests under way at this moment have ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending);
  }

  /** Of the requests started since `fromMs`, once all of them have ended. */
  async settledTally(fromMs: number, toMs = performance.now()): Promise<Tally> {
    await this.settled();
    return tally(this.#records, fromMs, toMs);
  }

  /** Of the requests started since `fromMs` that have ended. */
  tally(fromMs: number): Tally {
    return tally(this.#records, fromMs);
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.settled();
  }

  #send(): void {
    const startedMs = performance.now();
    const request = fetchName(this.#url).then(
      (server) => this.#ended({ startedMs, server, error: null }),
      (error: NodeJS.ErrnoException) => this.#ended({ startedMs, server: null, error: error.code ?? error.message }),
    );
    this.#pending.add(request);
    void request.then(() => this.#pending.delete(request));
  }

  #ended(record: RequestRecord): void {
    this.#requests++;
    if (record.server === null) this.#errors++;
    this.#records.push(record);
  }

  #forget(): void {
    const sinceMs = performance.now() - keptMs;
    this.#records = this.#records.filter(({ startedMs }) => startedMs >= sinceMs);
  }
}

/** The body of a page, on a fresh connection. */
function fetchName(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, signal: AbortSignal.timeout(deadlineMs) }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => {
        body += text;
      });
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode === 200 && response.complete) resolve(body);
        else reject(new Error(`status ${response.statusCode}`));
      });
    });
    request.on("error", reject);
  });
}
