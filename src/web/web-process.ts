import { performance } from "node:perf_hooks";
import type { ServiceEntry } from "ipvs-netlink";
import type { ListenAddress } from "../config/keywords/values/listen-address.ts";
import { createLogger } from "../log/logger.ts";
import { CounterReader } from "../supervisor/checkers/counter-reader.ts";
import { openDataPlane } from "../supervisor/checkers/open-data-plane.ts";
import { runDir } from "../supervisor/program/run-dir.ts";
import { readIpvsTotals } from "./ipvs-totals.ts";
import { Listener } from "./listener.ts";
import { type ScrapeInput, scrapeOf } from "./metrics/scrape.ts";
import { Mirror } from "./mirror.ts";
import { readProcesses } from "./process-usage.ts";
import { requestHandler } from "./request-handler.ts";
import type { FromWeb, ToWeb, WebSettings } from "./told.ts";

/** Serves what it learns from the supervisor and reads from the kernel. It changes nothing, and has nobody to ask for a change. */
export class WebProcess {
  readonly #send: (message: FromWeb) => void;
  readonly #mirror: Mirror;
  readonly #listener: Listener;
  #settings: WebSettings | null = null;
  #listen: ListenAddress = { address: "127.0.0.1", port: 0 };
  #counters: CounterReader | null = null;

  constructor(send: (message: FromWeb) => void) {
    this.#send = send;
    this.#mirror = new Mirror({
      ask: (eventsFrom) => send({ kind: "ask", eventsFrom }),
      nowMs: () => performance.now(),
    });
    this.#listener = new Listener({
      handle: requestHandler({
        mirror: this.#mirror,
        table: () => this.#table(),
        scrape: async () => scrapeOf(await this.#scrapeInput()),
        listensOn: () => this.#listen.address,
        log: (message) => this.#send({ kind: "log", severity: "error", message }),
      }),
      log: (severity, message) => this.#send({ kind: "log", severity, message }),
    });
  }

  receive(message: ToWeb): void {
    switch (message.kind) {
      case "start":
        this.#settings = message.settings;
        this.#listenOn(message.listen);
        return;
      case "listen":
        this.#listenOn(message.listen);
        return;
      case "told":
        this.#mirror.told(message.told);
    }
  }

  #listenOn(listen: ListenAddress): void {
    this.#listen = listen;
    this.#listener.listen(listen);
  }

  async #scrapeInput(): Promise<ScrapeInput> {
    const { view, told } = await this.#mirror.refresh();
    const table = await this.#table();
    const isOurs = this.#settings?.dataPlane === "ipvs" && this.#settings.ipvsNetns === null;
    const totals = isOurs && view.model.virtualServers.length > 0 ? readIpvsTotals() : null;
    return { view, told, table, totals, processes: readProcesses(process.ppid), nodeVersion: process.versions.node };
  }

  /** Opened when it is first needed: there may be no IPVS, and no virtual servers. */
  async #table(): Promise<readonly ServiceEntry[]> {
    const { view } = await this.#mirror.refresh();
    if (this.#settings === null || view.model.virtualServers.length === 0) return [];
    if (this.#counters === null) {
      const { dataPlane, runDir: directory, ipvsNetns } = this.#settings;
      try {
        const opened = await openDataPlane(dataPlane, runDir(directory), null, ipvsNetns);
        this.#counters = new CounterReader(opened.dataPlane, this.#logger());
      } catch (error) {
        this.#send({ kind: "log", severity: "debug", message: `no counters: ${(error as Error).message}` });
        return [];
      }
    }
    return this.#counters.read();
  }

  #logger(): ConstructorParameters<typeof CounterReader>[1] {
    return createLogger({
      sink: ({ severity, message }) => this.#send({ kind: "log", severity, message }),
      role: "web",
      level: { severity: "debug" },
      nowEpochMs: Date.now,
    });
  }
}
