import type { AddressSettings, Link, OperationResult, RtnetlinkClient, RtnetlinkOperation } from "ipvs-netlink";
import type { RecordStore } from "../../director/records.ts";
import { type HostSysctl, isHostSysctl } from "./host-sysctls.ts";
import { type LinkStep, type LinkTrouble, linkDifference, removalsOfOurs } from "./link-diff.ts";
import type { LinkEvent } from "./link-event.ts";
import type { LinkRecord } from "./link-record.ts";
import { restorations, sysctlsFor } from "./link-sysctls.ts";
import type { PlannedLink } from "./planned-link.ts";

/** Values below /proc/sys/net. */
export interface Sysctls {
  /** Null where there is no such file. */
  read(path: string): string | null;
  /** Throws the system's error. */
  write(path: string, value: string): void;
}

export interface LinkOwnerOptions {
  readonly client: Pick<RtnetlinkClient, "links" | "link" | "addresses" | "apply">;
  readonly sysctls: Sysctls;
  readonly record: RecordStore<LinkRecord>;
  readonly onEvents: (events: readonly LinkEvent[]) => void;
}

/** The only maker of VMAC and ipvlan interfaces, and of the sysctls that they need. */
export class LinkOwner {
  readonly #options: LinkOwnerOptions;
  #planned: readonly PlannedLink[] = [];
  #settings: readonly HostSysctl[] = [];
  #saved: LinkRecord | null = null;
  readonly #told = new Set<string>();

  constructor(options: LinkOwnerOptions) {
    this.#options = options;
  }

  /**
   * Makes the planned links be there and up, adopting what a predecessor left, and removes others of ours. Old values of
   * sysctls are on record before they are changed. Rejects with NetlinkError when the kernel cannot be asked.
   */
  async configure(planned: readonly PlannedLink[], settings: readonly HostSysctl[] = []): Promise<void> {
    this.#planned = planned;
    this.#settings = settings;
    await this.#inherit();
    await this.#reconcile();
    const asked = new Set(settings.map(({ path }) => path));
    await this.#restore((path) => !asked.has(path) && (planned.length === 0 || isHostSysctl(path)));
  }

  /** Whether anything here depends on which interfaces there are. */
  get hasWork(): boolean {
    return this.#planned.length + this.#settings.length > 0;
  }

  /** After interfaces came or went. */
  async check(): Promise<void> {
    await this.#reconcile();
  }

  /** Ends. Links go and sysctls come back, unless a successor shall find them. */
  async stop({ keep }: { readonly keep: boolean }): Promise<void> {
    if (keep) return;
    this.#apply(removalsOfOurs(this.#options.client.links()));
    await this.#restore(() => true);
  }

  async #reconcile(): Promise<void> {
    const { client } = this.#options;
    const links = client.links();
    const { removals, steps, troubles } = linkDifference(this.#planned, links);
    const names = new Map(links.map(({ index, name }) => [index, name]));
    for (const operation of removals) {
      if (operation.kind !== "del-link") continue;
      if (this.#apply([operation])) this.#tell({ type: "link_removed", link: names.get(operation.index) ?? "" });
    }
    for (const trouble of troubles) this.#tellTrouble(trouble);
    for (const step of steps) this.#make(step);
    await this.#setSysctls(client.links());
    for (const { link } of steps) this.#bringUp(link);
    for (const link of this.#planned) this.#giveSource(link);
  }

  #make({ link, create, change, found }: LinkStep): void {
    const { holder, name, base } = link;
    if (create !== null && !this.#apply([{ kind: "new-link", link: create }], name)) return;
    const index = this.#options.client.link(name)?.index;
    if (index === undefined) return;
    this.#apply([{ kind: "set-link", index, change }], name);
    if (create !== null || found?.alias !== change.alias) {
      this.#tell({ type: create === null ? "link_adopted" : "link_made", holder, link: name, base });
    }
    this.#told.delete(name);
  }

  #bringUp({ name }: PlannedLink): void {
    const index = this.#options.client.link(name)?.index;
    if (index !== undefined) this.#apply([{ kind: "set-link", index, change: { up: true } }], name);
  }

  /** What adverts are sent from: for IPv6 the link-local address of the interface below, deprecated so that nothing else uses it. */
  #giveSource(link: PlannedLink): void {
    const own = this.#options.client.link(link.name);
    const base = this.#options.client.link(link.base);
    if (!link.sends || own === null || base === null) return;
    const source = this.#sourceOf(link, base);
    if (source === null) return;
    const there = this.#options.client.addresses(own.index).some(({ address }) => address === source.address);
    if (!there) this.#apply([{ kind: "new-address", address: { ...source, interface: own.index } }], link.name);
  }

  #sourceOf({ kind, family }: PlannedLink, base: Link): AddressSettings | null {
    const settings = {
      interface: base.index,
      peer: null,
      scope: 0,
      broadcast: null,
      label: null,
      validLifetimeS: null,
      // Not marked as ours: the owner of virtual addresses would take it away.
      protocol: null,
    };
    if (kind.kind === "ipvlan" && kind.address !== null) {
      return { ...settings, ...kind.address, preferredLifetimeS: null, flags: family === "inet6" ? ["nodad"] : [] };
    }
    if (family === "inet") return null;
    const found = this.#options.client
      .addresses(base.index)
      .find(({ address, tentative, dadFailed }) => address.startsWith("fe80:") && !tentative && !dadFailed);
    if (found === undefined) return null;
    const { address, prefixLength } = found;
    return { ...settings, address, prefixLength, preferredLifetimeS: 0, flags: ["nodad"] };
  }

  async #setSysctls(links: readonly Link[]): Promise<void> {
    const { sysctls, record } = this.#options;
    const names = links.map(({ name }) => name);
    const present = this.#planned.filter(({ name }) => names.includes(name));
    const asked = this.#settings.filter(({ path, value }) => ![null, value].includes(sysctls.read(path)));
    const writes = [
      ...sysctlsFor(present, names, (path) => sysctls.read(path)),
      ...asked.map((setting) => ({ ...setting, restore: true })),
    ];
    const saved: Record<string, LinkRecord[string]> = { ...this.#saved };
    for (const { path, value, restore } of writes) {
      // The first value that we found is the one to come back.
      if (restore) saved[path] = { before: saved[path]?.before ?? sysctls.read(path) ?? value, ours: value };
    }
    if (Object.keys(saved).length > 0 && JSON.stringify(saved) !== JSON.stringify(this.#saved)) {
      this.#saved = saved;
      await this.#attempt(() => record.save(saved));
    }
    for (const { path, value } of writes) this.#write(path, value);
  }

  async #inherit(): Promise<void> {
    if (this.#saved !== null) return;
    this.#saved = {};
    await this.#attempt(async () => {
      const loaded = await this.#options.record.load();
      if (loaded.kind === "loaded") this.#saved = loaded.content;
    });
  }

  /** Brings the old values back of the paths that it is for. */
  async #restore(isFor: (path: string) => boolean): Promise<void> {
    const { sysctls, record } = this.#options;
    const saved = Object.entries(this.#saved ?? {});
    const over = saved.filter(([path]) => isFor(path));
    if (over.length === 0) return;
    for (const { path, value } of restorations(Object.fromEntries(over), (each) => sysctls.read(each)))
      this.#write(path, value);
    const left = Object.fromEntries(saved.filter(([path]) => !isFor(path)));
    this.#saved = left;
    await this.#attempt(() => (Object.keys(left).length === 0 ? record.remove() : record.save(left)));
  }

  #write(path: string, value: string): void {
    try {
      this.#options.sysctls.write(path, value);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#tellOnce(path, { type: "sysctl_refused", path, value, message });
    }
  }

  #apply(operations: readonly RtnetlinkOperation[], name = ""): boolean {
    const results = this.#options.client.apply(operations);
    const failed = results.find((result): result is Extract<OperationResult, { ok: false }> => !result.ok);
    if (failed) this.#tellOnce(name, { type: "link_refused", link: name, message: failed.message });
    return failed === undefined;
  }

  #tellTrouble({ kind, link: { holder, name: link, base } }: LinkTrouble): void {
    if (kind === "base-missing") this.#tellOnce(link, { type: "base_missing", holder, link, base });
    else this.#tellOnce(link, { type: "name_taken", holder, link });
  }

  /** Until it is there. */
  #tellOnce(about: string, event: LinkEvent): void {
    if (this.#told.has(about)) return;
    this.#told.add(about);
    this.#tell(event);
  }

  #tell(event: LinkEvent): void {
    this.#options.onEvents([event]);
  }

  async #attempt(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#tell({ type: "link_record_failed", file: this.#options.record.path, message });
    }
  }
}
