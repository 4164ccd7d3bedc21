import type { Tracks, VrrpModel } from "../config/vrrp-model.ts";
import type { Logger } from "../log/logger.ts";
import type { ScriptRequest, ScriptResult } from "../notify/script-request.ts";
import type { TrackKind } from "../vrrp/machine/standing.ts";
import { FileTracker } from "../vrrp/tracking/file-tracker.ts";
import { ProcessTracker } from "../vrrp/tracking/process-tracker.ts";
import type { TrackedNow } from "./vrrp-messages.ts";
import { VrrpScripts } from "./vrrp-scripts.ts";

export interface TrackersOptions {
  readonly run: (request: ScriptRequest) => Promise<ScriptResult>;
  readonly onTracked: (values: readonly TrackedNow[]) => void;
  readonly log: Logger;
}

/**
 * Scripts, files and processes that instances and groups watch. They are in the supervisor, not in the VRRP process: what is
 * known of them outlives that, and a busy machine with thousands of processes a second delays no advert.
 */
export class Trackers {
  readonly #scripts: VrrpScripts;
  readonly #files: FileTracker;
  readonly #processes: ProcessTracker;

  constructor({ run, onTracked, log: ownLog }: TrackersOptions) {
    const log: Logger["log"] = (severity, message) => ownLog.log(severity, message);
    const tell =
      (kind: TrackKind) =>
      (name: string, value: TrackedNow["value"]): void => {
        ownLog.info(`${kind} ${name}: ${value}`);
        onTracked([{ source: { kind, name }, value }]);
      };
    this.#scripts = new VrrpScripts({ run, onTracked, log: ownLog });
    this.#files = new FileTracker({ onValue: tell("file"), log });
    this.#processes = new ProcessTracker({ onValue: tell("process"), log });
  }

  /** Those that somebody watches; the others are left alone. */
  configure(model: VrrpModel): void {
    this.#scripts.configure(watched(model, model.scripts, "scripts"));
    this.#files.configure(watched(model, model.trackFiles, "files"));
    const processes = watched(model, model.trackProcesses, "processes");
    this.#processes.configure(processes, model.globals.processMonitorBuffer);
  }

  stop(): void {
    this.#scripts.stop();
    this.#files.close();
    this.#processes.close();
  }
}

function watched<T extends { readonly name: string }>(
  { instances, syncGroups }: VrrpModel,
  all: readonly T[],
  kind: keyof Tracks,
): T[] {
  const names = new Set([...instances, ...syncGroups].flatMap(({ tracks }) => tracks[kind].map(({ name }) => name)));
  return all.filter(({ name }) => names.has(name));
}
