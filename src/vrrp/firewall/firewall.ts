import type { Firewall as FirewallSettings } from "../../config/vrrp-model.ts";
import { type Nft, type NftError, shownTables, writeNft } from "../../nft/nft.ts";
import { type FirewallNeeds, type Memberships, removalText, rulesetText } from "./ruleset.ts";

export type FirewallEvent =
  | { readonly type: "firewall_refused"; readonly table: string; readonly message: string }
  | { readonly type: "firewall_restored"; readonly table: string }
  | { readonly type: "memberships_left"; readonly message: string };

/** One line for the log. */
export function describeFirewallEvent(event: FirewallEvent): string {
  switch (event.type) {
    case "firewall_refused":
      return `nftables table ${event.table} cannot be written, no_accept is not in force: ${event.message}`;
    case "firewall_restored":
      return `nftables table ${event.table} was changed by somebody else and is as it was`;
    case "memberships_left":
      return `multicast memberships are told on the VMACs, not on the interfaces below: ${event.message}`;
  }
}

/**
 * The only writer of our nftables tables. What they hold depends on the configuration and on which VMACs exist, not on who is master:
 * nothing is run on the way to being master.
 */
export class Firewall {
  readonly #nft: Nft;
  readonly #onEvent: (event: FirewallEvent) => void;
  #settings: FirewallSettings | null = null;
  #text = "";
  /** What nft shows of our tables after we wrote them. */
  #shown: string | null = null;
  #told = "";
  #serial: Promise<unknown> = Promise.resolve();

  constructor(nft: Nft, onEvent: (event: FirewallEvent) => void) {
    this.#nft = nft;
    this.#onEvent = onEvent;
  }

  /** Puts the tables there, in one transaction, or away if nothing needs them. Resolves in any case. */
  configure(needs: FirewallNeeds, settings: FirewallSettings): Promise<void> {
    return this.#exclusive(async () => {
      const before = this.#settings;
      const text = rulesetText(needs, settings, "moved");
      if (text === this.#text && this.#shown !== null) return;
      this.#settings = settings;
      this.#text = text;
      // Nothing needed and nothing written before: nft need not even be installed. What a crash left is nobody's harm then.
      const empty = text === removalText(settings);
      if (empty && before === null && !(await this.#isThere(settings))) {
        this.#shown = "";
        return;
      }
      if (before !== null && before.table !== settings.table) await this.#try(removalText(before));
      await this.#write(needs, settings);
    });
  }

  /**
   * A predecessor kept the tables for the same needs until now. Nothing is run, as starting a program holds this process up; what is needed
   * is written once more by the next `check`.
   */
  inherit(needs: FirewallNeeds, settings: FirewallSettings): void {
    this.#settings = settings;
    this.#text = rulesetText(needs, settings, "moved");
    this.#shown = this.#text === removalText(settings) ? "" : null;
  }

  /** Looks whether the tables are as they were written (somebody may have flushed the ruleset), and writes them again if not. */
  check(needs: FirewallNeeds): Promise<void> {
    return this.#exclusive(async () => {
      const settings = this.#settings;
      if (settings === null || this.#text === removalText(settings)) return;
      if (this.#shown !== null && (await this.#show(settings)) === this.#shown) return;
      const wrong = this.#shown !== null;
      if ((await this.#write(needs, settings)) && wrong)
        this.#onEvent({ type: "firewall_restored", table: settings.table });
    });
  }

  /** Ends: our tables go. */
  stop(): Promise<void> {
    return this.#exclusive(async () => {
      if (this.#settings !== null && this.#text !== removalText(this.#settings)) {
        await this.#try(removalText(this.#settings));
      }
      this.#settings = null;
    });
  }

  async #write(needs: FirewallNeeds, settings: FirewallSettings): Promise<boolean> {
    const written = async (memberships: Memberships) => this.#try(rulesetText(needs, settings, memberships));
    let failure = await written("moved");
    if (failure?.code === "refused" && needs.vmacs.length > 0) {
      const moved = failure.message;
      failure = await written("left");
      if (failure === null) this.#tellOnce({ type: "memberships_left", message: moved });
    }
    if (failure === null) {
      this.#shown = await this.#show(settings);
      return true;
    }
    this.#shown = null;
    this.#tellOnce({ type: "firewall_refused", table: settings.table, message: failure.message });
    return false;
  }

  #try(text: string): Promise<NftError | null> {
    return writeNft(this.#nft, text);
  }

  async #isThere(settings: FirewallSettings): Promise<boolean> {
    return (await this.#show(settings)) !== "";
  }

  #show({ table }: FirewallSettings): Promise<string> {
    return shownTables(this.#nft, table);
  }

  #tellOnce(event: FirewallEvent & { message: string }): void {
    if (this.#told === event.message) return;
    this.#told = event.message;
    this.#onEvent(event);
  }

  #exclusive(task: () => Promise<void>): Promise<void> {
    const done = this.#serial.then(task);
    this.#serial = done.catch(() => {});
    return done;
  }
}
