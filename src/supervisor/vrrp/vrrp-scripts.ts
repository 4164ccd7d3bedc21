import type { VrrpScript } from "../../config/vrrp-model.ts";
import type { Logger } from "../../log/logger.ts";
import { describeEnd, type ScriptRequest, type ScriptResult, succeeded } from "../../notify/script-request.ts";
import { afterResult, initialScriptState, type ScriptState } from "../../vrrp/process/script-state.ts";
import { describeTrackedChange } from "./tracked-change.ts";
import type { TrackedNow } from "./vrrp-messages.ts";

export interface VrrpScriptsOptions {
  readonly run: (request: ScriptRequest) => Promise<ScriptResult>;
  readonly onTracked: (now: TrackedNow) => void;
  readonly log: Logger;
}

export type ScriptMemory = readonly Pick<Running, "script" | "state" | "lastEnd">[];

export interface TrackedScript {
  readonly name: string;
  readonly value: "up" | "down" | null;
  readonly isRunning: boolean;
}

interface Running {
  readonly script: VrrpScript;
  state: ScriptState;
  timer: NodeJS.Timeout;
  isBusy: boolean;
  lastEnd: string;
  sinceMs: number;
}

/** Runs the vrrp_scripts that somebody tracks, at their intervals, and tells what they add up to. */
export class VrrpScripts {
  readonly #options: VrrpScriptsOptions;
  readonly #running = new Map<string, Running>();
  /** What a predecessor knew, until the first configuration. */
  #inherited: ScriptMemory = [];
  #nextId = 1;

  constructor(options: VrrpScriptsOptions) {
    this.#options = options;
  }

  /** Scripts that are as before go on with what is known of them. */
  configure(scripts: readonly VrrpScript[]): void {
    const wanted = new Map(scripts.map((script) => [script.name, script]));
    for (const [name, { script, timer }] of this.#running) {
      if (JSON.stringify(wanted.get(name)) === JSON.stringify(script)) continue;
      clearInterval(timer);
      this.#running.delete(name);
    }
    for (const script of scripts) if (!this.#running.has(script.name)) this.#start(script);
    this.#inherited = [];
  }

  /** For a successor: what is known. Plain data. */
  get memory(): ScriptMemory {
    return [...this.#running.values()].map(({ script, state, lastEnd }) => ({ script, state, lastEnd }));
  }

  /** What a predecessor knew; before `configure`. */
  inherit(memory: ScriptMemory): void {
    this.#inherited = memory;
  }

  /** Each script that runs now and then: what its results add up to (null: nothing yet), and whether it runs at this moment. */
  states(): readonly TrackedScript[] {
    return Array.from(this.#running.values(), ({ script, state, isBusy }) => ({
      name: script.name,
      value: state.value,
      isRunning: isBusy,
    }));
  }

  stop(): void {
    for (const { timer } of this.#running.values()) clearInterval(timer);
    this.#running.clear();
  }

  #start(script: VrrpScript): void {
    const known = this.#inherited.find((each) => JSON.stringify(each.script) === JSON.stringify(script));
    const running: Running = {
      script,
      state: known?.state ?? initialScriptState(script),
      timer: setInterval(() => void this.#run(running), script.intervalMs),
      isBusy: false,
      lastEnd: known?.lastEnd ?? "",
      sinceMs: performance.now(),
    };
    this.#running.set(script.name, running);
    this.#tell(running);
    void this.#run(running);
  }

  /** One that is still running when its time has come again is left to its timeout. */
  async #run(running: Running): Promise<void> {
    if (running.isBusy) return;
    running.isBusy = true;
    const { script } = running;
    const { command, user, group, timeoutMs } = script;
    const result = await this.#options.run({
      id: this.#nextId++,
      script: { command, user, group },
      moreArguments: [],
      timeoutMs: timeoutMs > 0 ? timeoutMs : script.intervalMs,
      target: null,
    });
    running.isBusy = false;
    if (this.#running.get(script.name) !== running) return;
    const before = running.state.value;
    running.state = afterResult(running.state, succeeded(result), script);
    const { value } = running.state;
    if (value === null || value === before) return this.#report(running, result);
    this.#reportChange(running, before, value, result);
    this.#tell(running);
  }

  #tell({ script, state }: Running): void {
    if (state.value === null) return;
    this.#options.onTracked({ source: { kind: "script", name: script.name }, value: state.value });
  }

  /** That it is fine at the start is no news. */
  #reportChange(running: Running, from: "up" | "down" | null, to: "up" | "down", result: ScriptResult): void {
    const nowMs = performance.now();
    const lastedMs = nowMs - running.sinceMs;
    running.sinceMs = nowMs;
    running.lastEnd = describeEnd(result.end);
    if (from === null && to === "up") return;
    const change = { kind: "script", name: running.script.name, from, to, lastedMs, why: endOf(result) } as const;
    const { severity, message, fields } = describeTrackedChange(change);
    this.#options.log.log(severity, message, fields);
  }

  /** Each way to end once, until it is another. */
  #report(running: Running, result: ScriptResult): void {
    const end = describeEnd(result.end);
    if (end === running.lastEnd) return;
    const isFirst = running.lastEnd === "";
    running.lastEnd = end;
    const { state, script } = running;
    const needed = succeeded(result) ? script.rise : script.fall;
    const count =
      state.against === 0 ? "" : ` (${state.against} of ${needed} until it is ${succeeded(result) ? "up" : "down"})`;
    const text = `vrrp_script ${script.name} ${endOf(result)}${count}`;
    if (succeeded(result)) {
      if (!isFirst) this.#options.log.info(text);
    } else if (result.end.kind === "exited") this.#options.log.notice(text);
    else this.#options.log.warning(text);
  }
}

/** "exited with 1: no answer", with the first line that it wrote. */
function endOf({ end, output }: ScriptResult): string {
  const line = output.trim().split("\n")[0] ?? "";
  return `${describeEnd(end)}${line === "" ? "" : `: ${line}`}`;
}
