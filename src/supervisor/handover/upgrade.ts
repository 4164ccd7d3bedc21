import { setTimeout as sleep } from "node:timers/promises";
import { ControlError, type UpgradeResult } from "../../control/api.ts";
import type { ControlServer } from "../../control/server.ts";
import type { Logger } from "../../log/logger.ts";
import type { Operator } from "../../operator/operator.ts";
import { version } from "../../version.ts";
import type { LvsHalf } from "../checkers/lvs-half.ts";
import type { CheckerEstate } from "../checkers/messages.ts";
import { claimPidFile } from "../program/pid-file.ts";
import type { SupervisorOptions } from "../supervisor-options.ts";
import type { DirectorParts } from "./director-parts.ts";
import { type Beginning, type Estates, estateVersion, type Part, pack, type Rest } from "./estate.ts";
import { hurry } from "./hurry.ts";
import type { FromSuccessor } from "./messages.ts";
import { SuccessorProcess } from "./successor-process.ts";
import { tiedToProcess } from "./tied-to-process.ts";
import { isStopping, upgradeFailed } from "./upgrade-failed.ts";

export interface UpgradeOptions
  extends DirectorParts,
    Pick<SupervisorOptions, "configFile" | "corePatternBefore" | "dataPlane" | "ipvsNetns" | "runDir"> {
  readonly ownProgram: SupervisorOptions["ownProgram"];
  readonly pidFile: string;
  readonly stateDir: string;
  readonly service: SupervisorOptions["service"];
  /** See ControlServer. */
  readonly lendControlSocket: () => ReturnType<ControlServer["lend"]>;
  /** The other one is the director: this process ends without touching anything. */
  readonly onHandedOver: (pid: number) => void;
  readonly log: Logger;
}

/** How long the new program may take to start, to read the configuration and to get ready. */
const readyWithinMs = 60_000;
/** How long it may take to go on with a part: a table of 10,000 services takes seconds. */
const takenWithinMs = 60_000;
/** Settled includes a reload if the configuration is another one. */
const settledWithinMs = 120_000;

/** How long a part that goes on may keep the next one from it: it waits for whoever has its lock. */
const resumedWithinMs = 10_000;

type Settled = Extract<FromSuccessor, { readonly kind: "settled" }>;
/** How to go on with a part that was left already. */
type Undo = () => Promise<unknown>;

/** Replaces the program by the one that is on the disk now, part by part, or goes on as if nothing had happened. */
export class Upgrade {
  readonly #options: UpgradeOptions;
  #successor: SuccessorProcess | null = null;
  #running: Promise<unknown> = Promise.resolve();
  /** Parts are being handed over: nothing may be changed. */
  #isHandingOver = false;
  #successorPid: number | null = null;

  constructor(options: UpgradeOptions) {
    this.#options = options;
  }

  get isHandingOver(): boolean {
    return this.#isHandingOver;
  }

  /** Once the other one is the director. */
  get successorPid(): number | null {
    return this.#successorPid;
  }

  /** @throws ControlError */
  run(ifChanged: boolean): Promise<UpgradeResult> {
    const run = this.#run(ifChanged);
    this.#running = run.catch(() => {});
    return run;
  }

  /** Gives up where that is possible without harm, and resolves when it is over, however it ended. */
  async end(): Promise<void> {
    if (!this.#isHandingOver) this.#successor?.abort(isStopping(null));
    await this.#running;
  }

  /** Everything is the successor's by now. */
  async leave(): Promise<void> {
    const { program, operator, trackers, scripts, lvs, care } = this.#options;
    program.stop();
    operator.end();
    trackers.stop();
    await scripts.end();
    await lvs.close();
    care.end();
  }

  async #run(ifChanged: boolean): Promise<UpgradeResult> {
    const { ownProgram, log } = this.#options;
    const startMs = performance.now();
    const from = { version, pid: process.pid };
    const tookMs = () => Math.round(performance.now() - startMs);
    if (ifChanged && !ownProgram.hasChanged) {
      return { upgraded: false, from, to: from, carried: null, pauses_ms: null, reload: null, took_ms: tookMs() };
    }
    this.#refuseWhereImpossible();
    this.#tell("starting", `upgrade: starting ${ownProgram.command[0]}`);
    const successor = new SuccessorProcess(ownProgram.command, this.#environment());
    this.#successor = successor;
    const undo: Undo[] = [];
    // A program that starts takes all the CPU there is: adverts go before it.
    const atEase = hurry([this.#options.vrrp.pid]);
    try {
      const ready = await successor.ask(this.#begin(), "standing_by", readyWithinMs);
      this.#tell("standing_by", `upgrade: lbctl ${ready.version} stands by as process ${successor.pid}`);
      this.#isHandingOver = true;
      const pauses = {
        bfd: await this.#hand("bfd", undo),
        checks: await this.#hand("checker", undo),
        vrrp: await this.#handVrrp(undo),
      };
      this.#tell(
        "parts",
        `upgrade: handed over VRRP in ${pauses.vrrp} ms, BFD in ${pauses.bfd} ms, the table in ${pauses.checks} ms`,
      );
      this.#options.care.handsOver(successor.pid);
      undo.unshift(async () => this.#options.care.handsOver(process.pid));
      const { reload } = await this.#settle(successor, undo);
      const to = { version: ready.version, pid: successor.pid };
      this.#tell("handed_over", `upgrade: process ${to.pid} (lbctl ${to.version}) is the director`);
      this.#successorPid = to.pid;
      successor.letGo();
      this.#options.onHandedOver(to.pid);
      return { upgraded: true, from, to, carried: ready.carries, pauses_ms: pauses, reload, took_ms: tookMs() };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      await successor.kill();
      for (const each of undo) {
        const resumed = each().catch((cause: unknown) => log.error(`upgrade: going on: ${cause}`));
        await Promise.race([resumed, sleep(resumedWithinMs, undefined, { ref: false })]);
      }
      log.error(`upgrade refused: ${why}`, { event: "upgrade_refused" });
      throw error instanceof ControlError ? error : upgradeFailed(why);
    } finally {
      atEase();
      this.#successor = null;
      this.#isHandingOver = this.#successorPid !== null;
    }
  }

  #refuseWhereImpossible(): void {
    const tied = tiedToProcess(process);
    if (tied !== null) {
      throw new ControlError(
        "upgrade-failed",
        tied,
        "Start a container of the new version; the other router takes over.",
      );
    }
    if (this.#options.dataPlane !== "userspace") return;
    throw new ControlError(
      "upgrade-failed",
      "connections of the user-space data plane end with its process",
      "Restart it instead: an upgrade in place is for the kernel's IPVS.",
    );
  }

  #begin(): Parameters<SuccessorProcess["ask"]>[0] {
    const { view, bfd, program, runDir, stateDir, pidFile, configFile, ipvsNetns, corePatternBefore } = this.#options;
    const { model, vrrp, program: settings } = program.inForce;
    const { generation, instances, drift } = view;
    const beginning: Beginning = {
      ...{ model, vrrp, program: settings, generation },
      bfd: bfd.model,
      view: { instances, drift },
    };
    const places = { runDir: runDir.path, stateDir, pidFile, configFile, ipvsNetns, corePatternBefore };
    return { kind: "begin", version, estateVersion, places, beginning: pack(beginning) };
  }

  /** Leaves a part and has it taken; answers how long nobody did its work. */
  async #hand(part: Exclude<Part, "rest">, undo: Undo[]): Promise<number> {
    const successor = this.#successor as SuccessorProcess;
    const startMs = performance.now();
    const { estate, resumed, goOn } = await this.#leave(part);
    undo.unshift(goOn);
    await successor.ask({ kind: "take", part, estate: pack(estate), resumed }, "taken", takenWithinMs);
    return Math.round(performance.now() - startMs);
  }

  async #handVrrp(undo: Undo[]): Promise<number> {
    const atEase = hurry([process.pid]);
    try {
      return await this.#hand("vrrp", undo);
    } finally {
      atEase();
    }
  }

  async #leave(part: Exclude<Part, "rest">) {
    const { bfd, vrrp, lvs, trackers, operator } = this.#options;
    switch (part) {
      case "bfd": {
        const estate = await bfd.handOver();
        return { estate, resumed: [], goOn: () => bfd.resume(estate) };
      }
      case "checker": {
        const { checker } = lvs;
        await operator.lend();
        const estate: Estates["checker"] = (await leftBy(checker, operator)) ?? { checks: [], told: [] };
        const goOn = async () => {
          // The successor may have been told something that counts from now on.
          await operator.takeBack();
          await checker?.resume(estate);
        };
        return { estate, resumed: [], goOn };
      }
      case "vrrp": {
        const estate: Estates["vrrp"] = { ...(await vrrp.handOver()), trackers: trackers.memory };
        return { estate, resumed: estate.resumed, goOn: () => vrrp.resume(estate) };
      }
    }
  }

  async #settle(successor: SuccessorProcess, undo: Undo[]): Promise<Settled> {
    const { events, level, web, program } = this.#options;
    const rest: Rest = { events: events.memory, level: level.severity, counted: web.counts.counted };
    const decideControlSocket = this.#options.lendControlSocket();
    undo.unshift(async () => decideControlSocket("take_back"));
    // After VRRP, which cannot wait for a disk.
    undo.push(() => claimPidFile(this.#options.pidFile, () => {}, true));
    // Its address is free then.
    undo.push(async () => web.configure(program.metricsAddress));
    await web.stop();
    const message = { kind: "take", part: "rest", estate: pack(rest), resumed: [] } as const;
    const settled = await successor.ask(message, "settled", settledWithinMs);
    decideControlSocket("leave");
    return settled;
  }

  /** What systemd has put there is the successor's. */
  #environment(): NodeJS.ProcessEnv {
    const { service, ownProgram } = this.#options;
    const watchdogUs = service.watchdogMs === null ? undefined : `${service.watchdogMs * 1000}`;
    return { ...process.env, ...ownProgram.variables, NOTIFY_SOCKET: service.socket, WATCHDOG_USEC: watchdogUs };
  }

  #tell(stage: string, message: string): void {
    this.#options.log.notice(message, { event: "upgrade", stage });
  }
}

/** A checker process that cannot hand over has not lent anything. */
async function leftBy(checker: LvsHalf["checker"], operator: Operator): Promise<CheckerEstate | undefined> {
  try {
    return await checker?.handOver();
  } catch (error) {
    await operator.takeBack();
    throw error;
  }
}
