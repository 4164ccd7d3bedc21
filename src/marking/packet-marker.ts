import type { MarkSettings } from "../config/ipvs-model.ts";
import type { Model } from "../config/model.ts";
import type { Severity } from "../log/record.ts";
import { type Nft, removalOfTables, shownTables, writeNft } from "../nft/nft.ts";
import { markRuleset } from "./mark-ruleset.ts";

export interface PacketMarkerOptions {
  readonly nft: Nft;
  readonly setTimer: (callback: () => void, delayMs: number) => () => void;
  readonly onLog: (severity: Severity, message: string) => void;
}

/** Of a table that a predecessor left, when this configuration names none. */
const USUAL_TABLE = "lbctl_ipvs";

/** The only writer of the nftables tables that mark packets for services of nftables_ipvs; keeps them as they are wanted. */
export class PacketMarker {
  readonly #options: PacketMarkerOptions;
  #settings: MarkSettings | null = null;
  /** Null: nothing is wanted. */
  #text: string | null = null;
  /** What nft shows of the tables after they were written; null: they are not as wanted. */
  #shown: string | null = null;
  #told = "";
  #first = true;
  #cancel: () => void = () => {};
  #work: Promise<void> = Promise.resolve();

  constructor(options: PacketMarkerOptions) {
    this.#options = options;
  }

  /** Puts the tables there that the model wants, in one transaction, and away others of ours. Resolves in any case. */
  configure({ globalDefs, virtualServers }: Model): Promise<void> {
    const settings = globalDefs.ipvs.marks;
    const markings = virtualServers.flatMap(({ marking }) => marking ?? []);
    const text = settings === null || markings.length === 0 ? null : markRuleset(markings, settings);
    return this.#exclusive(async () => {
      this.#cancel();
      const before = this.#settings?.table ?? (this.#first ? USUAL_TABLE : null);
      this.#first = false;
      if (before !== null && (text === null || before !== settings?.table)) await this.#remove(before);
      if (text !== this.#text) this.#shown = null;
      this.#text = text;
      this.#settings = text === null ? null : settings;
      await this.#keep(globalDefs.reconcileIntervalMs);
    });
  }

  /** Ends. "keep" leaves the tables to a successor. */
  stop(policy: "keep" | "remove"): Promise<void> {
    return this.#exclusive(async () => {
      this.#cancel();
      if (policy === "remove" && this.#settings !== null) await this.#remove(this.#settings.table);
      this.#settings = null;
      this.#text = null;
    });
  }

  /** Writes what is not as it should be, and looks again after the period. */
  async #keep(periodMs: number): Promise<void> {
    const { nft, setTimer, onLog } = this.#options;
    const [settings, text] = [this.#settings, this.#text];
    if (settings === null || text === null) return;
    const wasThere = this.#shown !== null;
    if (!wasThere || (await shownTables(nft, settings.table)) !== this.#shown) {
      const failure = await writeNft(nft, text);
      this.#shown = failure === null ? await shownTables(nft, settings.table) : null;
      if (failure !== null) this.#tellOnce(failure.message);
      else {
        this.#told = "";
        if (wasThere)
          onLog("warning", `nftables table ${settings.table} was changed by somebody else and is as it was`);
      }
    }
    this.#cancel = setTimer(() => void this.#exclusive(() => this.#keep(periodMs)), periodMs);
  }

  #tellOnce(message: string): void {
    if (this.#told === message) return;
    this.#told = message;
    this.#options.onLog("error", `nftables_ipvs: packets get no marks, and their services no packets: ${message}`);
  }

  /** Where there is none, or no nft, nothing is done. */
  async #remove(table: string): Promise<void> {
    const { nft } = this.#options;
    if ((await shownTables(nft, table)) !== "") await writeNft(nft, removalOfTables(table));
  }

  #exclusive(task: () => Promise<void>): Promise<void> {
    const done = this.#work.then(task);
    this.#work = done.catch(() => {});
    return done;
  }
}
