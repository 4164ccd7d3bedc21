import type { ServiceEntry } from "ipvs-netlink";
import type { Model } from "../../config/model.ts";
import { ControlError, type OperationSummary } from "../../control/api.ts";
import type { SupervisorOptions } from "../supervisor-options.ts";
import { needsIpvs } from "../what-runs.ts";
import { CheckerLink, type CheckerLinkOptions, type CheckerPhase, type Configuration } from "./checker-link.ts";
import { CounterReader } from "./counter-reader.ts";
import { loadIpvs } from "./load-ipvs.ts";
import type { ApplyReport } from "./messages.ts";
import { DataPlaneUnavailable, type OpenDataPlane, openDataPlane } from "./open-data-plane.ts";

export interface LvsHalfOptions
  extends Omit<CheckerLinkOptions, "settings" | "initial">,
    Pick<SupervisorOptions, "dataPlane" | "runDir" | "ipvsNetns" | "only" | "readOnly"> {
  readonly initial: Configuration;
  /** The VRRP instances that are master now; null: VRRP does not run here. */
  readonly masters: () => readonly string[] | null;
}

interface Lvs {
  readonly checker: CheckerLink;
  readonly counters: CounterReader;
  readonly readOnly: OpenDataPlane;
}

/** The checker process, and the table as it is read for counters; there is neither until there are virtual servers. */
export class LvsHalf {
  readonly #options: LvsHalfOptions;
  #lvs: Lvs | null = null;

  constructor(options: LvsHalfOptions) {
    this.#options = options;
    if (options.readOnly !== null) this.#lvs = this.#newLvs(options.readOnly, options.initial);
  }

  /** Null while there is none. */
  get checker(): CheckerLink | null {
    return this.#lvs?.checker ?? null;
  }

  get phase(): CheckerPhase | "off" {
    return this.checker?.phase ?? "off";
  }

  start(): void {
    this.mastersChanged();
    this.checker?.start();
  }

  /** The table with its counters. */
  async table(): Promise<readonly ServiceEntry[]> {
    return (await this.#lvs?.counters.read()) ?? [];
  }

  /** The sync daemon of IPVS sends on the master and receives elsewhere. */
  mastersChanged(): void {
    this.checker?.mastersChanged(this.#options.masters());
  }

  /** Opened now when the first virtual servers come. @throws ControlError `config-invalid` */
  async dataPlaneFor(model: Model): Promise<OpenDataPlane | null> {
    const { dataPlane, runDir, ipvsNetns, only, log } = this.#options;
    if (this.#lvs !== null || !needsIpvs(model) || only === "vrrp") return null;
    try {
      return await openDataPlane(dataPlane, runDir, null, ipvsNetns, () => loadIpvs(log));
    } catch (error) {
      if (!(error instanceof DataPlaneUnavailable)) throw error;
      throw new ControlError("config-invalid", error.message, error.hint);
    }
  }

  /** Carries a new configuration out; `readOnly` is what `dataPlaneFor` answered. */
  async reload(configuration: Configuration, readOnly: OpenDataPlane | null): Promise<ApplyReport> {
    if (this.#lvs !== null) {
      // Before the configuration, so that a real server that is drained everywhere never starts in a new virtual server.
      void this.#lvs.checker.overridesChanged().catch(() => {});
      return this.#lvs.checker.configure(configuration);
    }
    if (readOnly !== null) {
      this.#lvs = this.#newLvs(readOnly, configuration);
      this.#lvs.checker.start();
      this.mastersChanged();
      return this.#lvs.checker.configure(configuration);
    }
    return { operations: {}, refused: [], unavailable: null };
  }

  async plan(model: Model): Promise<readonly OperationSummary[]> {
    return (await this.checker?.plan(model)) ?? [];
  }

  /** Says whether it did what was asked before it ended. */
  async stop(ipvs: "keep" | "remove", waitMs: number | null): Promise<boolean> {
    return (await this.checker?.stop(ipvs, waitMs)) ?? true;
  }

  async close(): Promise<void> {
    await this.#lvs?.readOnly.dataPlane.close();
  }

  #newLvs(readOnly: OpenDataPlane, initial: Configuration): Lvs {
    const { dataPlane, runDir, ipvsNetns, log } = this.#options;
    const settings = { dataPlane, runDir: runDir.path, ipvsNetns };
    const checker = new CheckerLink({ ...this.#options, settings, initial });
    return { checker, readOnly, counters: new CounterReader(readOnly.dataPlane, log) };
  }
}
