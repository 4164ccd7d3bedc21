import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import type { ListenAddress } from "../../config/keywords/values/listen-address.ts";
import type { View } from "../../control/view.ts";
import { ViewNews } from "../../control/view-news.ts";
import type { Logger } from "../../log/logger.ts";
import { type FromWeb, maxEventsTold, type Told, type ToWeb } from "../../web/told.ts";
import type { Care } from "../children/care.ts";
import { KeptChild } from "../children/kept-child.ts";
import type { SupervisorOptions } from "../supervisor-options.ts";
import { WebCounts } from "./web-counts.ts";

const stopGraceMs = 2_000;
/** Never used: a process is only started while there is an address. */
const nowhere: ListenAddress = { address: "127.0.0.1", port: 0 };

/** It may not write a file nor start a program, whoever speaks to it. */
const nodeOptions = ["--permission", "--allow-fs-read=*", "--allow-addons", "--disable-warning=SecurityWarning"];

/** What is told beside what is known here. */
export type WebFacts = Omit<Told, "view" | "events" | "dataPlane" | "processes" | "counted">;

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
  readonly #facts: () => WebFacts;
  readonly #bringUpToDate: () => Promise<void>;
  readonly #log: Logger;
  #listen: ListenAddress | null = null;
  #news: ViewNews | null = null;
  #child: KeptChild<ToWeb, FromWeb> | null = null;

  constructor(options: WebOptions, care: Care, view: View, facts: () => WebFacts, bringUpToDate: () => Promise<void>) {
    this.#options = options;
    this.#care = care;
    this.#view = view;
    this.#facts = facts;
    this.#bringUpToDate = bringUpToDate;
    this.#log = options.log.as("web");
    this.counts = new WebCounts(options.events, Date.now());
  }

  /** Where it listens from now on; null: nowhere. */
  configure(listen: ListenAddress | null): void {
    if (isDeepStrictEqual(listen, this.#listen)) return;
    this.#listen = listen;
    if (listen === null) void this.stop();
    else if (this.#child === null) this.#child = this.#start();
    else this.#child.send({ kind: "listen", listen });
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    this.#tell(null);
    await child?.end(stopGraceMs, "disconnect");
  }

  #tell(news: ViewNews | null): void {
    this.#news = news;
    this.#view.watcher = news;
  }

  #start(): KeptChild<ToWeb, FromWeb> {
    const { dataPlane, runDir, ipvsNetns, log } = this.#options;
    const child = new KeptChild<ToWeb, FromWeb>({
      entry: fileURLToPath(new URL("../../web/web-main.ts", import.meta.url)),
      args: [],
      care: this.#care.of("web"),
      nodeOptions,
      greeting: () => {
        // A new one knows nothing.
        this.#tell(new ViewNews(this.#view));
        const settings = { dataPlane, runDir: runDir.path, ipvsNetns };
        return { kind: "start", settings, listen: this.#listen ?? nowhere };
      },
      onMessage: (message) => void this.#receive(child, message),
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

  async #receive(child: KeptChild<ToWeb, FromWeb>, message: FromWeb): Promise<void> {
    if (message.kind === "log") this.#log.log(message.severity, message.message);
    if (message.kind !== "ask") return;
    const { pid } = child;
    await this.#bringUpToDate();
    // Another one has not asked yet, and is to be told everything.
    if (this.#news === null || child.pid !== pid) return;
    const told: Told = {
      ...this.#facts(),
      dataPlane: this.#options.dataPlane,
      processes: this.#care.processes(),
      counted: this.counts.counted,
      view: this.#news.take(),
      events: this.#eventsFrom(message.eventsFrom),
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
