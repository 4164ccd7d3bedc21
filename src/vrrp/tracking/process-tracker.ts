import { ProcessMonitor } from "ipvs-netlink";
import { type BufferSize, bufferOptions } from "../../config/process-model.ts";
import type { TrackProcess } from "../../config/vrrp-model.ts";
import type { CountedProcesses } from "../../control/keepalived-json.ts";
import type { Severity } from "../../log/record.ts";
import { listProcesses, processFacts } from "./proc-list.ts";
import { isCounted } from "./process-match.ts";
import { afterCount, afterDelay, firstQuorum, type QuorumState } from "./process-quorum.ts";

export interface ProcessTrackerOptions {
  readonly onValue: (tracker: string, value: "up" | "down") => void;
  readonly log: (severity: Severity, message: string) => void;
}

type Event = Parameters<Parameters<typeof ProcessMonitor.open>[0]["onEvents"]>[0][number];

/** The kernel tells of processes in the initial network namespace only, which is that of process 1 unless in a container. */
const initialNamespaces = [undefined, "/proc/1/ns/net"];
/** How soon it says that it will; in a container it never does. */
const answerMs = 500;
/** Without the kernel's events. */
const pollMs = 1_000;

/** Counts processes and tells when their quorums are met and lost. */
export class ProcessTracker {
  readonly #options: ProcessTrackerOptions;
  #trackers: Tracker[] = [];
  #monitor: ProcessMonitor | null = null;
  #buffer: BufferSize | null = null;
  #isTold = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: ProcessTrackerOptions) {
    this.#options = options;
  }

  /** Trackers that are as before go on with what is known. `buffer` is for the kernel's events. */
  configure(processes: readonly TrackProcess[], buffer: BufferSize | null = null): void {
    const before = new Map(this.#trackers.map((tracker) => [JSON.stringify(tracker.settings), tracker]));
    this.#trackers = processes.map((settings) => {
      const key = JSON.stringify(settings);
      const tracker = before.get(key) ?? new Tracker(settings, (value) => this.#options.onValue(settings.name, value));
      before.delete(key);
      return tracker;
    });
    for (const tracker of before.values()) tracker.close();
    if (this.#trackers.length === 0) {
      this.#stopListening();
      return;
    }
    if (JSON.stringify(buffer) !== JSON.stringify(this.#buffer)) this.#stopListening();
    this.#buffer = buffer;
    if (this.#monitor === null && this.#timer === null) this.#listen();
    this.#scan();
  }

  close(): void {
    this.configure([]);
  }

  /** How many each tracker counts now. */
  counted(): CountedProcesses[] {
    return this.#trackers.map((tracker) => tracker.counted());
  }

  #listen(): void {
    let reason = "no answer";
    for (const netns of initialNamespaces) {
      try {
        this.#monitor = ProcessMonitor.open({
          ...bufferOptions(this.#buffer),
          netns,
          onEvents: (events) => this.#happened(events),
          onError: ({ message }) => this.#poll(message),
        });
        this.#timer = setTimeout(() => this.#poll("the kernel does not answer"), answerMs);
        return;
      } catch (error) {
        reason = (error as Error).message;
      }
    }
    this.#poll(reason);
  }

  #poll(reason: string): void {
    this.#stopListening();
    const how = `/proc is read every ${pollMs / 1000} s`;
    this.#options.log("notice", `vrrp_track_process: no events about processes (${reason}): ${how}`);
    this.#timer = setInterval(() => this.#scan(), pollMs);
  }

  #stopListening(): void {
    this.#monitor?.close();
    this.#monitor = null;
    this.#isTold = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #happened(events: readonly Event[]): void {
    for (const event of events) {
      switch (event.kind) {
        case "listening":
          if (event.errno === 0 && !this.#isTold) this.#answered();
          break;
        case "lost":
          this.#scan();
          break;
        case "fork":
          // Until it becomes another program, it is what its parent is.
          for (const tracker of this.#trackers) if (tracker.counts(event.parent)) tracker.count(event.pid, true);
          break;
        case "exit":
          for (const tracker of this.#trackers) tracker.count(event.pid, false);
          break;
        case "exec":
        case "renamed":
          this.#lookAt(event.pid);
          break;
      }
    }
    for (const tracker of this.#trackers) tracker.decide();
  }

  #answered(): void {
    this.#isTold = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    // What came and went before.
    this.#scan();
  }

  #lookAt(pid: number): void {
    const facts = processFacts(pid, this.#needsCommands());
    for (const tracker of this.#trackers) tracker.count(pid, facts !== null && isCounted(facts, tracker.settings));
  }

  #scan(): void {
    const withCommand = this.#needsCommands();
    for (const tracker of this.#trackers) tracker.forget();
    for (const pid of listProcesses()) {
      const facts = processFacts(pid, withCommand);
      if (facts === null) continue;
      for (const tracker of this.#trackers) if (isCounted(facts, tracker.settings)) tracker.count(pid, true);
    }
    for (const tracker of this.#trackers) tracker.decide();
  }

  #needsCommands(): boolean {
    return this.#trackers.some(({ settings }) => settings.fullCommand);
  }
}

class Tracker {
  readonly settings: TrackProcess;
  readonly #onValue: (value: "up" | "down") => void;
  readonly #pids = new Set<number>();
  #state: QuorumState | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(settings: TrackProcess, onValue: (value: "up" | "down") => void) {
    this.settings = settings;
    this.#onValue = onValue;
  }

  counts(pid: number): boolean {
    return this.#pids.has(pid);
  }

  count(pid: number, counts: boolean): void {
    if (counts) this.#pids.add(pid);
    else this.#pids.delete(pid);
  }

  forget(): void {
    this.#pids.clear();
  }

  counted(): CountedProcesses {
    const { name, quorum } = this.settings;
    const isEnough = this.#state?.value === "up";
    const delay = (this.#state?.changesAtMs ?? null) === null ? null : this.#pids.size >= quorum ? "fork" : "terminate";
    return { name, count: this.#pids.size, isEnough, delay };
  }

  decide(): void {
    const { size } = this.#pids;
    this.#become(
      this.#state === null
        ? firstQuorum(size, this.settings)
        : afterCount(this.#state, size, performance.now(), this.settings),
    );
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #become(state: QuorumState): void {
    const before = this.#state;
    this.#state = state;
    if (before?.changesAtMs !== state.changesAtMs) this.#arm(state);
    if (before?.value !== state.value) this.#onValue(state.value);
  }

  #arm({ changesAtMs }: QuorumState): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (changesAtMs === null) return;
    const over = () => this.#become(afterDelay(this.#state as QuorumState, this.settings));
    this.#timer = setTimeout(over, Math.max(0, changesAtMs - performance.now()));
  }
}
