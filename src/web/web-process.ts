import { performance } from "node:perf_hooks";
import type { ServiceEntry } from "ipvs-netlink";
import { createLogger } from "../log/logger.ts";
import { CounterReader } from "../supervisor/checkers/counter-reader.ts";
import { openDataPlane } from "../supervisor/checkers/open-data-plane.ts";
import { runDir } from "../supervisor/program/run-dir.ts";
import { readIpvsTotals } from "./ipvs-totals.ts";
import { Listener } from "./listener.ts";
import { type ScrapeInput, scrapeOf } from "./metrics/scrape.ts";
import { Mirror } from "./mirror.ts";
import { pageHtml } from "./page/page-html.ts";
import { giveUpPrivileges } from "./privileges.ts";
import { readProcesses } from "./process-usage.ts";
import { requestHandler } from "./request-handler.ts";
import type { FromWeb, ToWeb, WebSettings } from "./told.ts";

/** Serves what it learns from the supervisor and reads from the kernel. It changes nothing, and has nobody to ask for a change. */
export class WebProcess {
  readonly #send: (message: FromWeb) => void;
  readonly #mirror: Mirror;
  readonly #listener: Listener;
  #settings: WebSettings | null = null;
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
        listensOn: () => this.#settings?.listen.address ?? "",
        log: (message) => this.#send({ kind: "log", severity: "error", message }),
      }),
      onListening: () => {
        const who = giveUpPrivileges({ readsIpvs: this.#settings?.readsIpvs === true });
        this.#send({ kind: "log", severity: "debug", message: `goes on with ${who}` });
      },
      log: (severity, message) => this.#send({ kind: "log", severity, message }),
    });
  }

  receive(message: ToWeb): void {
    switch (message.kind) {
      case "start":
        this.#settings = message.settings;
        void this.#begin(message.settings);
        return;
      case "told":
        this.#mirror.told(message.told);
    }
  }

  /** What takes privileges comes before anybody can ask for anything. */
  async #begin({ listen, readsIpvs }: WebSettings): Promise<void> {
    pageHtml();
    if (readsIpvs) await this.#openCounters();
    this.#listener.listen(listen);
  }

  async #scrapeInput(): Promise<ScrapeInput> {
    const { view, told } = await this.#mirror.refresh();
    const table = await this.#table();
    const isOurs = this.#settings?.readsIpvs === true && this.#settings.ipvsNetns === null;
    const totals = isOurs && view.model.virtualServers.length > 0 ? readIpvsTotals() : null;
    const processes = readProcesses(process.ppid, told.openFds);
    return { view, told, table, totals, processes, nodeVersion: process.versions.node };
  }

  async #table(): Promise<readonly ServiceEntry[]> {
    const { told } = await this.#mirror.refresh();
    if (told.table !== null) return told.table;
    if (this.#settings?.readsIpvs !== true) return [];
    if (this.#counters === null) await this.#openCounters();
    return this.#counters?.read() ?? [];
  }

  /** Tried again when it is needed: IPVS may come later. */
  async #openCounters(): Promise<void> {
    const { runDir: directory, ipvsNetns } = this.#settings as WebSettings;
    try {
      const opened = await openDataPlane("ipvs", runDir(directory), null, ipvsNetns);
      this.#counters ??= new CounterReader(opened.dataPlane, this.#logger());
    } catch (error) {
      this.#send({ kind: "log", severity: "debug", message: `no counters: ${(error as Error).message}` });
    }
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
