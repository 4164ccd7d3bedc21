import { fileURLToPath } from "node:url";
import type { NotifySettings } from "../config/notify-model.ts";
import type { Logger } from "../log/logger.ts";
import { ScriptClient } from "../notify/script-client.ts";
import type { ScriptRequest, ScriptResult } from "../notify/script-request.ts";
import type { FromScripts, ToScripts } from "../notify/scripts-messages.ts";
import { KeptChild } from "./kept-child.ts";

const endGraceMs = 2_000;

/** The supervisor's end of the channel to the scripts process, which is started when there is something for it to do. */
export class ScriptsLink {
  readonly #log: Logger;
  readonly #client = new ScriptClient((request) => this.#request(request));
  #child: KeptChild<ToScripts, FromScripts> | null = null;
  #settings: NotifySettings;

  constructor(settings: NotifySettings, log: Logger) {
    this.#settings = settings;
    this.#log = log;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  configure(settings: NotifySettings): void {
    this.#settings = settings;
    this.#child?.send({ kind: "configure", settings });
  }

  /** Runs a script for another process of ours: the result has the id of the request. Never rejects. */
  async run(request: ScriptRequest): Promise<ScriptResult> {
    return { ...(await this.#client.run(request)), id: request.id };
  }

  async end(): Promise<void> {
    await this.#child?.end(endGraceMs, "disconnect");
  }

  #request(request: ScriptRequest): void {
    const message = { kind: "run", request } as const;
    if (this.#running().send(message)) return;
    // Not within this call, whose caller does not wait for the answer yet.
    setImmediate(() => {
      this.#client.finished({
        id: request.id,
        end: { kind: "not_run", message: "the scripts process is being started again" },
        output: "",
        tookMs: 0,
      });
    });
  }

  #running(): KeptChild<ToScripts, FromScripts> {
    if (this.#child !== null) return this.#child;
    const child: KeptChild<ToScripts, FromScripts> = new KeptChild({
      entry: fileURLToPath(new URL("../notify/scripts-main.ts", import.meta.url)),
      args: [],
      greeting: () => ({ kind: "configure", settings: this.#settings }),
      onMessage: (message) => this.#receive(message),
      onExit: ({ pid, cause, restartInMs }) => {
        this.#client.lost("the scripts process ended before the script did");
        if (restartInMs === null) return;
        this.#log.error(`the scripts process ${pid} ended (${cause}); a new one starts in ${restartInMs} ms`);
      },
    });
    this.#child = child;
    child.start();
    return child;
  }

  #receive(message: FromScripts): void {
    switch (message.kind) {
      case "result":
        this.#client.finished(message.result);
        break;
      case "log":
        this.#log.as("scripts").log(message.severity, message.message);
        break;
    }
  }
}
