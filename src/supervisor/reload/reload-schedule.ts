import { type FSWatcher, readFileSync, unlinkSync, watch } from "node:fs";
import { basename, dirname } from "node:path";
import type { ReloadSettings } from "../../config/program-model.ts";
import type { Logger } from "../../log/logger.ts";
import { reloadTime } from "./reload-time.ts";

/** Writers cut a file off before they write. */
const settleMs = 50;
/** The wall clock may be set while a reload waits: it is looked at this often. */
const mostWaitMs = 10_000;

/** Reloads at the time that reload_time_file says, and follows that file. */
export class ReloadSchedule {
  readonly #reload: () => void;
  readonly #log: Logger;
  #settings: Pick<ReloadSettings, "timeFile" | "repeat"> = { timeFile: null, repeat: false };
  #watcher: FSWatcher | null = null;
  #timer: NodeJS.Timeout | null = null;
  #said = "";

  constructor(reload: () => void, log: Logger) {
    this.#reload = reload;
    this.#log = log;
  }

  /** At the start and after each reload: a directory that was missing may be there now. */
  configure({ timeFile, repeat }: Pick<ReloadSettings, "timeFile" | "repeat">): void {
    this.close();
    this.#settings = { timeFile, repeat };
    if (timeFile === null) return;
    try {
      this.#watcher = watch(dirname(timeFile), { persistent: false }, (_kind, name) => {
        if (name === null || String(name) === basename(timeFile)) this.#wait(settleMs);
      });
      this.#watcher.on("error", () => this.close());
    } catch (error) {
      this.#log.warning(
        `reload_time_file ${timeFile} cannot be watched until the next reload: ${(error as Error).message}`,
      );
    }
    this.#look();
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #wait(delayMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), delayMs);
    this.#timer.unref();
  }

  /** What the file says now. */
  #look(dueEpochMs: number | null = null): void {
    const text = this.#read();
    if (text === null) this.#say("", "no reload is scheduled any more");
    else if (dueEpochMs !== null && Date.now() >= dueEpochMs) this.#due();
    else this.#schedule(text);
  }

  #schedule(text: string): void {
    const nowEpochMs = Date.now();
    const time = reloadTime(text, nowEpochMs);
    if (time.kind === "at") {
      this.#say(text, `a reload is scheduled for ${new Date(time.epochMs).toISOString()}`);
      if (this.#timer !== null) clearTimeout(this.#timer);
      const waitMs = Math.min(mostWaitMs, time.epochMs - nowEpochMs);
      this.#timer = setTimeout(() => this.#look(time.epochMs), waitMs).unref();
    } else {
      const why = time.kind === "past" ? "is over" : "is no time: HH:MM:SS or YYYY-MM-DD HH:MM:SS, perhaps with a Z";
      this.#say(text, `reload_time_file: "${text.split("\n")[0]}" ${why}`);
    }
  }

  #due(): void {
    this.#said = "";
    this.#log.notice("reloading at the time that reload_time_file says");
    if (!this.#settings.repeat && this.#settings.timeFile !== null) {
      try {
        unlinkSync(this.#settings.timeFile);
      } catch (error) {
        this.#log.warning(`reload_time_file cannot be removed: ${(error as Error).message}`);
      }
    }
    this.#reload();
    this.#wait(settleMs);
  }

  #read(): string | null {
    if (this.#settings.timeFile === null) return null;
    try {
      return readFileSync(this.#settings.timeFile, "latin1");
    } catch {
      return null;
    }
  }

  #say(text: string, message: string): void {
    if (text !== this.#said) this.#log.notice(message);
    this.#said = text;
  }
}
