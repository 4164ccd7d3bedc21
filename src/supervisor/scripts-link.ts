import { fileURLToPath } from "node:url";
import type { Model } from "../config/model.ts";
import type { NotifySettings } from "../config/notify-model.ts";
import type { Logger } from "../log/logger.ts";
import type { Notification } from "../notify/notification.ts";
import { ScriptClient } from "../notify/script-client.ts";
import type { ScriptRequest, ScriptResult } from "../notify/script-request.ts";
import type { FromScripts, ToScripts } from "../notify/scripts-messages.ts";
import { worthTelling } from "../notify/worth-telling.ts";
import { type ChildCare, KeptChild } from "./children/kept-child.ts";

/** For what waits to be told when the end comes; then for the process to end. */
const tellGraceMs = 5_000;
const endGraceMs = 4 * tellGraceMs;

/** Notifications that wait for a process that is being started again. */
const mostHeld = 10_000;

/** The supervisor's end of the channel to the scripts process, which is started when there is something for it to do. */
export class ScriptsLink {
  readonly #log: Logger;
  readonly #client = new ScriptClient((request) => this.#request(request));
  readonly #held: Notification[] = [];
  #child: KeptChild<ToScripts, FromScripts> | null = null;
  #settings: NotifySettings;
  readonly #care: ChildCare | undefined;

  constructor(settings: NotifySettings, log: Logger, care?: ChildCare) {
    this.#care = care;
    this.#settings = settings;
    this.#log = log;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** A new configuration is in force. */
  configure(model: Model, vrrpTells: boolean): void {
    this.#settings = model.globalDefs.notify;
    this.#child?.send({ kind: "configure", settings: this.#settings });
    this.prepare(model, vrrpTells);
  }

  /** Runs a script for another process of ours: the result has the id of the request. Never rejects. */
  async run(request: ScriptRequest): Promise<ScriptResult> {
    return { ...(await this.#client.run(request)), id: request.id };
  }

  /** Starts the process now if this configuration will need it: the first notification should not wait for it. */
  prepare({ globalDefs: { notify }, virtualServers }: Model, vrrpTells: boolean): void {
    const lvsTells = virtualServers.some(
      (each) => each.notify !== null || each.realServers.some((real) => real.notify !== null),
    );
    if (vrrpTells || lvsTells || notify.fifos.length > 0) this.#running();
  }

  /** Has told what of it is worth telling under the configuration in force. */
  tell(notifications: readonly Notification[]): void {
    const told = notifications.flatMap((notification) => worthTelling(notification, this.#settings) ?? []);
    if (told.length > 0) this.notify(told);
  }

  /** Has something told, in the order of the calls. Never waits. */
  notify(notifications: readonly Notification[]): void {
    if (this.#running().send({ kind: "notify", notifications })) return;
    this.#held.push(...notifications);
    const excess = this.#held.length - mostHeld;
    if (excess <= 0) return;
    this.#held.splice(0, excess);
    this.#log.error(`the scripts process does not run: ${excess} notifications are lost`);
  }

  /** What waits is told first, as far as it can be within seconds; scripts that run are left alone. */
  async end(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    child.startIfAway();
    child.send({ kind: "stop", graceMs: tellGraceMs });
    await child.end(endGraceMs, "wait");
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
      care: this.#care,
      greeting: () => {
        setImmediate(() => {
          if (this.#held.length > 0) child.send({ kind: "notify", notifications: this.#held.splice(0) });
        });
        return { kind: "configure", settings: this.#settings };
      },
      onMessage: (message) => this.#receive(message),
      onExit: ({ pid, cause, restartInMs }) => {
        this.#client.lost("the scripts process ended before the script did");
        if (restartInMs === null) return;
        this.#log.error(
          `the scripts process ${pid} ended (${cause}), and what waited in it is not told; a new one starts in ${restartInMs} ms`,
          { event: "process_ended", process: "scripts" },
        );
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
