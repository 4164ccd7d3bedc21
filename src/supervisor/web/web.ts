import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import type { ListenAddress } from "../../config/keywords/values/listen-address.ts";
import type { View } from "../../control/view.ts";
import { ViewNews } from "../../control/view-news.ts";
import type { Logger } from "../../log/logger.ts";
import { countOpenFds } from "../../web/process-usage.ts";
import { type FromWeb, maxEventsTold, type Told, type ToWeb, type WebSettings } from "../../web/told.ts";
import type { Care } from "../children/care.ts";
import { KeptChild } from "../children/kept-child.ts";
import { Turns } from "../reload/turns.ts";
import type { SupervisorOptions } from "../supervisor-options.ts";
import { WebCounts } from "./web-counts.ts";

const stopGraceMs = 2_000;

/** It may not write a file nor start a program, whoever speaks to it. */
const nodeOptions = ["--permission", "--allow-fs-read=*", "--allow-addons", "--disable-warning=SecurityWarning"];

/** What is told beside what is known here. */
export type WebFacts = Omit<Told, "view" | "events" | "dataPlane" | "openFds" | "processes" | "counted">;

type WebOptions = Pick<SupervisorOptions, "dataPlane" | "runDir" | "ipvsNetns" | "events" | "log">;

/**
 * The supervisor's end of the channel to the web process, which serves metrics and the status page while an address is configured.
 * It is told what it asks for and nothing else: nothing piles up while nobody looks, and what it is sent is bounded by the
 * configuration.
 */
export class Web {
  readonly counts: WebCounts;
  readonly #options: WebOptions;
  readonly #care: Care;
  readonly #view: View;
  readonly #facts: () => Promise<WebFacts>;
  readonly #bringUpToDate: () => Promise<void>;
  readonly #log: Logger;
  readonly #turns = new Turns();
  /** Null: there shall be none. */
  #wanted: WebSettings | null = null;
  #news: ViewNews | null = null;
  #child: KeptChild<ToWeb, FromWeb> | null = null;

  constructor(
    options: WebOptions,
    care: Care,
    view: View,
    facts: () => Promise<WebFacts>,
    bringUpToDate: () => Promise<void>,
  ) {
    this.#options = options;
    this.#care = care;
    this.#view = view;
    this.#facts = facts;
    this.#bringUpToDate = bringUpToDate;
    this.#log = options.log.as("web");
    this.counts = new WebCounts(options.events, Date.now());
  }

  /** Where it listens from now on (null: nowhere), beside the model that is in force by now. */
  configure(listen: ListenAddress | null): void {
    const wanted = listen === null ? null : this.#settings(listen);
    if (isDeepStrictEqual(wanted, this.#wanted)) return;
    this.#wanted = wanted;
    void this.#turns.take(() => this.#become());
  }

  stop(): Promise<void> {
    this.#wanted = null;
    return this.#turns.take(() => this.#become());
  }

  #settings(listen: ListenAddress): WebSettings {
    const { dataPlane, runDir, ipvsNetns } = this.#options;
    const readsIpvs = dataPlane === "ipvs" && this.#view.model.virtualServers.length > 0;
    return { listen, readsIpvs, runDir: runDir.path, ipvsNetns };
  }

  /** One that listens has given up what another address, or a table to read, might take: there is a new one for that. */
  async #become(): Promise<void> {
    const before = this.#child;
    this.#child = null;
    this.#tell(null);
    await before?.end(stopGraceMs, "disconnect");
    if (this.#wanted !== null) this.#child = this.#start(this.#wanted);
  }

  #tell(news: ViewNews | null): void {
    this.#news = news;
    this.#view.watcher = news;
  }

  #start(settings: WebSettings): KeptChild<ToWeb, FromWeb> {
    const { log } = this.#options;
    const child = new KeptChild<ToWeb, FromWeb>({
      entry: fileURLToPath(new URL("../../web/web-main.ts", import.meta.url)),
      args: [],
      care: this.#care.of("web"),
      nodeOptions,
      greeting: () => {
        // A new one knows nothing.
        this.#tell(new ViewNews(this.#view));
        return { kind: "start", settings };
      },
      onMessage: (message) => this.#receive(child, message),
      onExit: ({ pid, cause, restartInMs }) => {
        if (restartInMs === null) return;
        log.error(`the web process ${pid} ended (${cause}); a new one starts in ${restartInMs} ms`, {
          event: "process_ended",
          process: "web",
        });
      },
    });
    child.start();
    return child;
  }

  #receive(child: KeptChild<ToWeb, FromWeb>, message: FromWeb): void {
    if (message.kind === "log") this.#log.log(message.severity, message.message);
    if (message.kind === "ask") void this.#answer(child, message.eventsFrom);
  }

  async #answer(child: KeptChild<ToWeb, FromWeb>, eventsFrom: number): Promise<void> {
    const { pid } = child;
    await this.#bringUpToDate();
    const facts = await this.#facts();
    // Another one has not asked yet, and is to be told everything.
    if (this.#news === null || child !== this.#child || child.pid !== pid) return;
    const told: Told = {
      ...facts,
      openFds: countOpenFds(),
      dataPlane: this.#options.dataPlane,
      processes: this.#care.processes(),
      counted: this.counts.counted,
      view: this.#news.take(),
      events: this.#eventsFrom(eventsFrom),
    };
    child.send({ kind: "told", told });
  }

  #eventsFrom(first: number): Told["events"] {
    const { events } = this.#options;
    const from = Math.max(first, events.next - maxEventsTold);
    const numbers = Array.from({ length: Math.max(0, events.next - from) }, (_, index) => from + index);
    return numbers.flatMap((number) => events.at(number) ?? []);
  }
}
