import { type FSWatcher, readFileSync, realpathSync, watch, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { TrackFile } from "../../config/vrrp-model.ts";
import type { Severity } from "../../log/record.ts";
import { trackedNumber } from "./tracked-number.ts";

export interface FileTrackerOptions {
  readonly onValue: (file: string, value: number) => void;
  readonly log: (severity: Severity, message: string) => void;
}

/** Writers cut a file off before they write: what is read in between is not what they mean. */
const settleMs = 20;
const emptySettleMs = 100;
/** A directory that is not there cannot be watched. */
const retryMs = 1_000;

/** Watches track_files and tells their numbers; of one that is missing, 0. */
export class FileTracker {
  readonly #options: FileTrackerOptions;
  readonly #files = new Map<string, WatchedFile>();

  constructor(options: FileTrackerOptions) {
    this.#options = options;
  }

  /** Files that were watched before go on; init_file counts for the others. */
  configure(files: readonly TrackFile[]): void {
    const wanted = new Map(files.map((file) => [file.name, file]));
    for (const [name, watched] of this.#files) {
      if (wanted.get(name)?.file === watched.file) continue;
      watched.close();
      this.#files.delete(name);
    }
    for (const file of files) {
      if (this.#files.has(file.name)) continue;
      this.#initialize(file);
      this.#files.set(file.name, new WatchedFile(file, this.#options));
    }
  }

  close(): void {
    this.configure([]);
  }

  #initialize({ name, file, init }: TrackFile): void {
    if (init === null) return;
    try {
      writeFileSync(file, `${init.value}\n`, { flag: init.overwrite ? "w" : "wx" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return;
      this.#options.log("warning", `track_file ${name} cannot be initialized: ${(error as Error).message}`);
    }
  }
}

class WatchedFile {
  readonly file: string;
  readonly #name: string;
  readonly #options: FileTrackerOptions;
  #watchers = new Map<string, FSWatcher>();
  #timer: NodeJS.Timeout | null = null;
  #value: number | null = null;
  #problem = "";

  constructor({ name, file }: TrackFile, options: FileTrackerOptions) {
    this.#name = name;
    this.file = file;
    this.#options = options;
    this.#look(true);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #look(emptyCounts: boolean): void {
    this.#timer = null;
    // First the watch: what changes while it is read is seen then.
    const isWatched = this.#watch();
    const text = this.#read();
    if (text === "" && !emptyCounts) {
      this.#lookIn(emptySettleMs, true);
      return;
    }
    if (!isWatched) this.#lookIn(retryMs, true);
    const value = trackedNumber(text ?? "");
    if (value === this.#value) return;
    this.#value = value;
    this.#options.onValue(this.#name, value);
  }

  #lookIn(delayMs: number, emptyCounts: boolean): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(emptyCounts), delayMs);
  }

  /** Null: missing, or not to be read. */
  #read(): string | null {
    try {
      const text = readFileSync(this.file, "latin1");
      this.#problem = "";
      return text;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== "ENOENT" && this.#problem !== message) {
        this.#options.log("warning", `track_file ${this.#name} counts as 0: ${message}`);
      }
      this.#problem = message;
      return null;
    }
  }

  /** Directories, so that files that come, go and are replaced are seen: the file's, and that of what it links to. */
  #watch(): boolean {
    const directories = new Set([dirname(this.file), dirname(realPath(this.file))]);
    for (const [directory, watcher] of this.#watchers) {
      if (directories.has(directory)) continue;
      watcher.close();
      this.#watchers.delete(directory);
    }
    for (const directory of directories) if (!this.#watchers.has(directory)) this.#watchDirectory(directory);
    return this.#watchers.size === directories.size;
  }

  /** Where links lead to the file, any of them may become another. */
  #concerns(name: string): boolean {
    return name === basename(this.file) || realPath(this.file) !== this.file;
  }

  #watchDirectory(directory: string): void {
    try {
      const watcher = watch(directory, { persistent: false });
      const lost = (): void => {
        watcher.close();
        this.#watchers.delete(directory);
        this.#lookIn(settleMs, false);
      };
      watcher.on("change", (kind, name) => {
        // The directory itself: another one may stand in its place, which this watcher does not see.
        if (kind === "rename" && name === basename(directory)) lost();
        else if (name === null || this.#concerns(String(name))) this.#lookIn(settleMs, false);
      });
      watcher.on("error", lost);
      this.#watchers.set(directory, watcher);
    } catch (error) {
      const { message } = error as Error;
      if (this.#problem !== message)
        this.#options.log("warning", `track_file ${this.#name} cannot be watched: ${message}`);
      this.#problem = message;
    }
  }
}

function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
