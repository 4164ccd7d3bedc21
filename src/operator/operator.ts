import { formatDuration } from "@lbctl/checkers";
import type { Model } from "../config/model.ts";
import { type ChangeResult, ControlError } from "../control/api.ts";
import type { Caller } from "../control/caller.ts";
import type { Override } from "../director/facts.ts";
import type { Logger } from "../log/logger.ts";
import { findRealServers } from "./find-real-servers.ts";
import type { OverrideFile } from "./override-file.ts";
import {
  adminStateAt,
  effectiveOverrides,
  expired,
  nextExpiry,
  type OperatorOverride,
  type OverrideSetting,
  uncovered,
  withOverride,
  withoutAdminState,
  withoutWeight,
} from "./overrides.ts";

/** Timers of Node take no longer delays. */
const longestTimerMs = 2 ** 31 - 1;

export interface OperatorOptions {
  readonly file: Pick<OverrideFile, "path" | "load" | "save">;
  readonly model: () => Model;
  /** Has the table follow; resolves when it was written. */
  readonly onChange: (overrides: ReadonlyMap<string, Override>) => Promise<void>;
  readonly nowEpochMs: () => number;
  readonly log: Logger;
}

/** Which real servers a request is about. */
export interface Target {
  readonly real_server: string;
  readonly virtual_server?: string | null | undefined;
}

/** Keeps what operators say of real servers: on disk before it counts, until it expires or is taken back. */
export class Operator {
  readonly #options: OperatorOptions;
  #overrides: readonly OperatorOverride[] = [];
  /** When those end that do, in ms of performance.now: the wall clock, which may be set, counts while nobody runs. */
  readonly #endsMs = new WeakMap<OperatorOverride, number>();
  readonly #endOf = (override: OperatorOverride): number | null => this.#endsMs.get(override) ?? null;
  #changing: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  /** A successor has the file. */
  #isLent = false;

  constructor(options: OperatorOptions) {
    this.#options = options;
  }

  get overrides(): readonly OperatorOverride[] {
    return this.#overrides;
  }

  /** For the director, with the configuration in force. */
  effective(): Map<string, Override> {
    return effectiveOverrides(this.#overrides, this.#options.model());
  }

  /** Takes over what a predecessor left; what has ended meanwhile is dropped. */
  async begin(): Promise<void> {
    const { file, log } = this.#options;
    const loaded = await file.load();
    if (loaded.kind === "unusable") {
      const { detail, keptAs } = loaded;
      log.error(
        `${file.path} cannot be used (${detail}): every real server counts as enabled with its configured weight; ${keptAs === null ? "it cannot be put aside either: until it is moved away nothing can be changed" : `the file is kept as ${keptAs}`}`,
        { event: "overrides_lost" },
      );
      return;
    }
    this.#takeOver(loaded.overrides);
    for (const each of uncovered(this.#overrides))
      log.notice(`still in force: ${describe(each)}`, { event: "override_kept", ...fields(each) });
    this.#arm();
  }

  /** Resolves when all that was asked for before has been done. */
  async settled(): Promise<void> {
    await this.#changing;
  }

  /** Leaves the file to a successor. Resolves when all that was asked for before is on disk: the successor reads it then. */
  async lend(): Promise<void> {
    this.#isLent = true;
    this.end();
    await this.settled();
  }

  /** After `lend`, when nobody goes on with it: what is in the file now counts. */
  async takeBack(): Promise<void> {
    this.#isLent = false;
    const { file, log } = this.#options;
    const loaded = await file.load();
    if (loaded.kind === "loaded") this.#takeOver(loaded.overrides);
    else log.error(`${file.path} cannot be used (${loaded.detail}): what operators said before the upgrade counts`);
    this.#arm();
  }

  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** @throws ControlError `not-found`, `state-not-saved` */
  setAdminState(
    target: Target,
    adminState: "drained" | "disabled",
    forS: number | null,
    caller: Caller,
  ): Promise<ChangeResult> {
    return this.#set(target, { kind: "admin_state", adminState }, forS, caller);
  }

  /** @throws ControlError `not-found`, `state-not-saved` */
  setWeight(target: Target, weight: number, forS: number | null, caller: Caller): Promise<ChangeResult> {
    return this.#set(target, { kind: "weight", weight }, forS, caller);
  }

  /**
   * Ends "drained" or "disabled" where it is so.
   * @throws ControlError `not-found`, `conflict` if it is the other of the two, `state-not-saved`
   */
  clearAdminState(target: Target, adminState: "drained" | "disabled", caller: Caller): Promise<ChangeResult> {
    return this.#change(
      target,
      (realServer, place) => {
        const is = adminStateAt(this.#overrides, place);
        if (is !== "enabled" && is !== adminState) {
          const command = is === "drained" ? "undrain" : "enable";
          throw new ControlError(
            "conflict",
            `${realServer} is ${is}, not ${adminState}`,
            `"lbctl ${command}" ends that.`,
          );
        }
        const exception = this.#override(place, { kind: "admin_state", adminState: "enabled" }, null, caller);
        const next = (all: readonly OperatorOverride[]) => withoutAdminState(all, adminState, exception);
        if (is === "enabled" && next(this.#overrides).length === this.#overrides.length) return null;
        return { next, told: `${describePlace(place)} is ${adminStateAt(next(this.#overrides), place)} again` };
      },
      caller,
    );
  }

  /** Gives the real server its configured weight back. @throws ControlError `not-found`, `state-not-saved` */
  clearWeight(target: Target, caller: Caller): Promise<ChangeResult> {
    return this.#change(
      target,
      (_, place) => {
        if (withoutWeight(this.#overrides, place).length === this.#overrides.length) return null;
        return { next: (all) => withoutWeight(all, place), told: `${describePlace(place)} has its configured weight` };
      },
      caller,
    );
  }

  #set(target: Target, setting: OverrideSetting, forS: number | null, caller: Caller): Promise<ChangeResult> {
    return this.#change(
      target,
      (_, place) => {
        const override = this.#override(place, setting, forS, caller);
        return { next: (all) => withOverride(all, override, this.#endOf), told: describe(override) };
      },
      caller,
    );
  }

  #override(place: Place, setting: OverrideSetting, forS: number | null, caller: Caller): OperatorOverride {
    const setAtEpochMs = this.#options.nowEpochMs();
    const expiresAtEpochMs = forS === null ? null : setAtEpochMs + forS * 1000;
    const override = { ...place, setting, setBy: caller.name, setAtEpochMs, expiresAtEpochMs };
    this.#endsAt(override, setAtEpochMs);
    return override;
  }

  /** Those of a file, but for what has ended since. */
  #takeOver(overrides: readonly OperatorOverride[]): void {
    const epochMs = this.#options.nowEpochMs();
    const { left, ended } = expired(overrides, epochMs, ({ expiresAtEpochMs }) => expiresAtEpochMs);
    this.#overrides = left;
    for (const each of left) this.#endsAt(each, epochMs);
    this.#tellEnded(ended);
  }

  #endsAt(override: OperatorOverride, nowEpochMs: number): void {
    const { setAtEpochMs, expiresAtEpochMs } = override;
    if (expiresAtEpochMs === null) return;
    // Never longer than was asked for: a machine may begin with a clock that is years behind.
    const leftMs = expiresAtEpochMs - Math.max(setAtEpochMs, nowEpochMs);
    this.#endsMs.set(override, performance.now() + leftMs);
  }

  /** One change after the other; what is asked for is on disk before it counts. */
  #change(
    target: Target,
    planOf: (realServer: string, place: Place) => Planned | null,
    caller: Caller,
  ): Promise<ChangeResult> {
    const change = this.#changing.then(async () => {
      const virtualServer = target.virtual_server ?? null;
      const found = findRealServers(this.#options.model(), target.real_server, virtualServer);
      if (!found.ok) throw new ControlError("not-found", found.message, found.hint);
      const planned = found.realServers.flatMap(
        (realServer) => planOf(realServer, { virtualServer, realServer }) ?? [],
      );
      if (planned.length > 0) {
        const next = planned.reduce((all, { next }) => next(all), this.#overrides);
        await this.#save(next);
        this.#overrides = next;
        for (const { told } of planned) {
          this.#options.log.notice(`${told} (by ${caller.description})`, {
            event: "override_changed",
            by: caller.name,
          });
        }
        this.#arm();
        await this.#options.onChange(this.effective());
      }
      return { real_servers: found.realServers, changed: planned.length };
    });
    this.#changing = change.catch(() => {});
    return change;
  }

  async #save(overrides: readonly OperatorOverride[]): Promise<void> {
    try {
      await this.#options.file.save(overrides);
    } catch (error) {
      const message = `${this.#options.file.path} cannot be written: ${(error as Error).message}`;
      const hint =
        "Nothing was changed: it would be forgotten at the next restart. Mend the directory, or name another with --state-dir.";
      throw new ControlError("state-not-saved", message, hint);
    }
  }

  #arm(): void {
    this.end();
    const next = nextExpiry(this.#overrides, this.#endOf);
    if (next === null || this.#isLent) return;
    const delayMs = Math.min(Math.max(0, next - performance.now()), longestTimerMs);
    this.#timer = setTimeout(() => this.#expire(), delayMs);
    this.#timer.unref();
  }

  #expire(): void {
    this.#changing = this.#changing.then(async () => {
      const { left, ended } = expired(this.#overrides, performance.now(), this.#endOf);
      if (ended.length > 0) {
        const onError = (error: Error) => this.#options.log.error(error.message);
        const before = uncovered(this.#overrides);
        this.#overrides = left;
        this.#tellEnded(ended);
        for (const each of uncovered(left).filter((one) => !before.includes(one)))
          this.#options.log.notice(`counts again: ${describe(each)}`, { event: "override_kept", ...fields(each) });
        await this.#options.onChange(this.effective()).catch(onError);
        // They carry their end: a file that still has them changes nothing.
        await this.#save(left).catch(onError);
      }
      this.#arm();
    });
  }

  #tellEnded(ended: readonly OperatorOverride[]): void {
    for (const each of ended) {
      this.#options.log.notice(`ended, as was asked for: ${describe(each)}`, {
        event: "override_expired",
        ...fields(each),
      });
    }
  }
}

type Place = Pick<OperatorOverride, "virtualServer" | "realServer">;

interface Planned {
  readonly next: (overrides: readonly OperatorOverride[]) => OperatorOverride[];
  readonly told: string;
}

function describePlace({ virtualServer, realServer }: Place): string {
  return virtualServer === null ? `${realServer} (everywhere)` : `${realServer} in ${virtualServer}`;
}

function describe(override: OperatorOverride): string {
  const { setting, setAtEpochMs, expiresAtEpochMs } = override;
  const what = setting.kind === "weight" ? `has weight ${setting.weight}` : `is ${setting.adminState}`;
  const until = expiresAtEpochMs === null ? "" : ` for ${formatDuration(expiresAtEpochMs - setAtEpochMs)}`;
  return `${describePlace(override)} ${what}${until}`;
}

function fields({ virtualServer, realServer, setBy }: OperatorOverride): Record<string, string> {
  return { real_server: realServer, by: setBy, ...(virtualServer === null ? {} : { virtual_server: virtualServer }) };
}
