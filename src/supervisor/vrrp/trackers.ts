import type { Model } from "../../config/model.ts";
import type { Tracks, VrrpModel } from "../../config/vrrp-model.ts";
import type { CountedProcesses } from "../../control/keepalived-json.ts";
import type { Logger } from "../../log/logger.ts";
import type { ScriptRequest, ScriptResult } from "../../notify/script-request.ts";
import { FileTracker } from "../../vrrp/tracking/file-tracker.ts";
import { ProcessTracker } from "../../vrrp/tracking/process-tracker.ts";
import { describeTrackedChange } from "./tracked-change.ts";
import type { TrackedNow } from "./vrrp-messages.ts";
import { type ScriptMemory, type TrackedScript, VrrpScripts } from "./vrrp-scripts.ts";

export interface TrackersOptions {
  readonly run: (request: ScriptRequest) => Promise<ScriptResult>;
  readonly onTracked: (values: readonly TrackedNow[]) => void;
  /** Which half runs; null: both. */
  readonly only: "vrrp" | "checker" | null;
  readonly log: Logger;
}

export interface TrackerMemory {
  readonly values: readonly TrackedNow[];
  readonly scripts: ScriptMemory;
}

/**
 * Scripts, files and processes that instances and groups watch, and files that real servers do. They are in the supervisor, not in the VRRP process: what is
 * known of them outlives that, and a busy machine with thousands of processes a second delays no advert.
 */
export class Trackers {
  readonly #scripts: VrrpScripts;
  readonly #files: FileTracker;
  readonly #processes: ProcessTracker;

  readonly #only: TrackersOptions["only"];
  readonly #values = new Map<string, TrackedNow>();
  readonly #sinceMs = new Map<string, number>();

  constructor({ run, onTracked, only, log: ownLog }: TrackersOptions) {
    this.#only = only;
    const remember = (now: TrackedNow): void => {
      this.#values.set(keyOf(now), now);
      onTracked([now]);
    };
    const log: Logger["log"] = (severity, message) => ownLog.log(severity, message);
    const tell =
      (kind: "file" | "process") =>
      (name: string, value: TrackedNow["value"]): void => {
        this.#logChange(kind, name, value, ownLog);
        remember({ source: { kind, name }, value });
      };
    this.#scripts = new VrrpScripts({ run, onTracked: remember, log: ownLog });
    this.#files = new FileTracker({ onValue: tell("file"), log });
    this.#processes = new ProcessTracker({ onValue: tell("process"), log });
  }

  #logChange(kind: "file" | "process", name: string, to: TrackedNow["value"], ownLog: Logger): void {
    const key = `${kind} ${name}`;
    const nowMs = performance.now();
    const from = this.#values.get(key)?.value ?? null;
    const lastedMs = nowMs - (this.#sinceMs.get(key) ?? nowMs);
    this.#sinceMs.set(key, nowMs);
    const { severity, message, fields } = describeTrackedChange({ kind, name, from, to, lastedMs, why: null });
    ownLog.log(severity, message, from === null ? {} : fields);
  }

  /** The last value of each script, file and process that is watched. */
  get known(): readonly TrackedNow[] {
    return [...this.#values.values()];
  }

  /** Those that somebody watches; the others are left alone, and forgotten. */
  configure(vrrp: VrrpModel, model: Model): void {
    const ofVrrp = this.#only === "checker" ? { ...vrrp, instances: [], syncGroups: [] } : vrrp;
    const files = new Set([...namesOf(ofVrrp, "files"), ...(this.#only === "vrrp" ? [] : trackFilesOf(model))]);
    const wanted = {
      script: named(vrrp.scripts, namesOf(ofVrrp, "scripts")),
      file: named(vrrp.trackFiles, files),
      process: named(vrrp.trackProcesses, namesOf(ofVrrp, "processes")),
    };
    this.#forgetAllBut(wanted);
    this.#scripts.configure(wanted.script);
    this.#files.configure(wanted.file);
    this.#processes.configure(wanted.process, vrrp.globals.processMonitorBuffer);
  }

  #forgetAllBut(wanted: Readonly<Record<string, readonly { readonly name: string }[]>>): void {
    const keys = new Set(Object.entries(wanted).flatMap(([kind, list]) => list.map(({ name }) => `${kind} ${name}`)));
    for (const key of this.#values.keys()) if (!keys.has(key)) this.#values.delete(key);
    for (const key of this.#sinceMs.keys()) if (!keys.has(key)) this.#sinceMs.delete(key);
  }

  /** For a successor: plain data. */
  get memory(): TrackerMemory {
    return { values: this.known, scripts: this.#scripts.memory };
  }

  /** What a predecessor knew; before `configure`. */
  inherit({ values, scripts }: TrackerMemory): void {
    for (const now of values) this.#values.set(keyOf(now), now);
    this.#scripts.inherit(scripts);
  }

  /** What vrrp_track_process counts. */
  counted(): readonly CountedProcesses[] {
    return this.#processes.counted();
  }

  scripts(): readonly TrackedScript[] {
    return this.#scripts.states();
  }

  stop(): void {
    this.#scripts.stop();
    this.#files.close();
    this.#processes.close();
  }
}

function keyOf({ source: { kind, name } }: TrackedNow): string {
  return `${kind} ${name}`;
}

function namesOf({ instances, syncGroups }: VrrpModel, kind: keyof Tracks): Set<string> {
  return new Set([...instances, ...syncGroups].flatMap(({ tracks }) => tracks[kind].map(({ name }) => name)));
}

/** Names of the files that FILE_CHECK asks. */
function trackFilesOf({ virtualServers }: Model): string[] {
  return virtualServers.flatMap(({ realServers }) =>
    realServers.flatMap(({ checks }) =>
      checks.flatMap(({ spec }) => (spec.type === "FILE_CHECK" ? [spec.trackFile] : [])),
    ),
  );
}

function named<T extends { readonly name: string }>(all: readonly T[], names: ReadonlySet<string>): T[] {
  return all.filter(({ name }) => names.has(name));
}
