import type { Tracks, VrrpInstance, VrrpModel } from "../../config/vrrp-model.ts";
import type { SourceAddress } from "../addresses/source-address.ts";
import { type InstanceLinks, planLinks } from "../links/planned-link.ts";
import { assess, type TrackedValue, undecided } from "../machine/assess.ts";
import { OWNER_PRIORITY } from "../machine/settings.ts";
import type { Fault, Standing, TrackSource } from "../machine/standing.ts";
import type { HmacKey } from "../packet/hmac-key.ts";
import { advertSettingsOf } from "../packet/settings-of-instance.ts";
import { announcedAddresses, extraAnnounced } from "./announced-addresses.ts";
import type { AnnouncedAddress } from "./announcement.ts";
import type { Addresses, ExtraRounds } from "./announcer.ts";
import { ownFaults } from "./faults.ts";
import type { Interfaces } from "./interfaces.ts";
import { receiveBufferOctets } from "./receive-buffer.ts";
import { routeSource } from "./route-source.ts";
import type { Station } from "./wire.ts";

/**
 * Where kernel_rx_buf_size does not say: what 255 peers send in 200 ms at an interval of 10 ms, 768 octets of the kernel's memory
 * each. The kernel's own 208 KiB are full after 10 ms, and what does not fit is lost: who was late for once would hear nobody.
 */
const defaultReceiveBufferBytes = 4 << 20;

/** What an instance finds around it: interfaces, addresses, tracked things, and what follows from them. Looks, and changes nothing. */
export class Surroundings {
  readonly #interfaces: Interfaces;
  readonly #tracked: (source: TrackSource) => TrackedValue | null;
  readonly #lostGroups: () => ReadonlySet<string>;
  #model: VrrpModel | null = null;
  #places = "";
  #instances: ReadonlyMap<string, VrrpInstance> = new Map();
  #virtual: ReadonlySet<string> = new Set();
  #static: ReadonlySet<string> = new Set();
  readonly #lastSources = new Map<string, string>();
  #links: ReadonlyMap<string, InstanceLinks> = new Map();

  constructor(
    interfaces: Interfaces,
    tracked: (source: TrackSource) => TrackedValue | null,
    lostGroups: () => ReadonlySet<string>,
  ) {
    this.#interfaces = interfaces;
    this.#lostGroups = lostGroups;
    this.#tracked = tracked;
  }

  configure(model: VrrpModel): void {
    this.#model = model;
    this.#instances = new Map(model.instances.map((instance) => [instance.name, instance]));
    this.#virtual = new Set(model.instances.flatMap(addressesOf));
    this.#static = new Set(model.staticAddresses.map(({ address }) => address));
    this.#links = planLinks(model.instances, model.globals);
  }

  /** What it announces, under the configuration of that time: with its plans, and beside them (garp_extra_if). */
  announcementsOf({ name, garp }: VrrpInstance): { readonly addresses: Addresses; readonly extra: ExtraRounds | null } {
    const extra = garp.extraInterfaces && {
      everyMs: garp.extraInterfaces.everyMs,
      addresses: () => this.#extraAnnounced(name),
    };
    return { addresses: () => this.#announced(name), extra };
  }

  #announced(name: string): AnnouncedAddress[] {
    const instance = this.#instances.get(name);
    return instance === undefined
      ? []
      : announcedAddresses(instance, this.#links.get(name) ?? noLinks, this.#interfaces);
  }

  #extraAnnounced(name: string): AnnouncedAddress[] {
    const instance = this.#instances.get(name);
    if (instance === undefined) return [];
    const all = instance.garp.extraInterfaces?.all === true;
    const planned = this.#links.get(name)?.links ?? [];
    const vmacs = new Set(planned.filter(({ kind }) => kind.kind === "macvlan").map(({ name }) => name));
    const advertsOn = this.#linkNameOf(instance);
    return extraAnnounced(this.#announced(name), { advertsOn, vmacs, all });
  }

  standingsOf(instances: readonly VrrpInstance[]) {
    return instances.map((instance) => ({ instance, standing: this.standingOf(instance) }));
  }

  standingOf(instance: VrrpInstance): Standing {
    const interfaces = this.#interfaces;
    const faults: Fault[] = ownFaults(instance, {
      stateOf: (name) => interfaces.stateOf(name),
      link: this.#linkNameOf(instance),
      hasSource: this.sourceOf(instance) !== null || !needsSource(instance),
    });
    faults.push(...this.#staticFaults(instance));
    return assess(instance, this.#groupTracks(instance), (source) => this.#trackedValue(source), faults);
  }

  #staticFaults({ name }: VrrpInstance): Fault[] {
    const lost = this.#lostGroups();
    if (lost.size === 0) return [];
    const groups = this.#model?.trackGroups.filter((group) => lost.has(group.name) && group.members.includes(name));
    return (groups ?? []).map((group) => ({ kind: "static_track", group: group.name }));
  }

  #trackedValue(source: TrackSource): TrackedValue | null {
    if (source.kind !== "interface") return this.#tracked(source);
    return this.#interfaces.stateOf(source.name) === "up" ? "up" : "down";
  }

  #groupTracks({ syncGroup }: VrrpInstance): Tracks | null {
    return this.#model?.syncGroups.find(({ name }) => name === syncGroup)?.tracks ?? null;
  }

  /** The interface that adverts go through: what was made for that on top of the instance's, or that. */
  #linkNameOf({ name, interface: base }: VrrpInstance): string | null {
    return this.#links.get(name)?.links.find(({ sends }) => sends)?.name ?? base;
  }

  sourceOf(instance: VrrpInstance): string | null {
    const { transport, family } = instance;
    const interfaces = this.#interfaces;
    if (transport.source !== null) {
      return !instance.trackSource || interfaces.has(transport.source) ? transport.source : null;
    }
    const found = this.#foundOn(instance);
    if (found.kind === "ready") {
      this.#lastSources.set(instance.name, found.address);
      return found.address;
    }
    const peer = transport.kind === "unicast" ? transport.peers[0] : undefined;
    return instance.interface === null && peer !== undefined ? routeSource(family, peer.address) : null;
  }

  /**
   * What it waits for before it begins, a sentence without its subject; null: nothing. As keepalived, it is not master before it is known
   * whether it is in fault; one that goes on as master (`goesOn`) does not stop for that.
   */
  waitsFor(instance: VrrpInstance, goesOn: boolean): string | null {
    if (this.#isSettling(instance)) return "waits for the end of duplicate address detection";
    const sets = [instance.tracks, this.#groupTracks(instance)];
    const source = goesOn ? null : undecided(sets, (each) => this.#trackedValue(each));
    return source === null ? null : `waits for the first result of ${source.kind} ${source.name}`;
  }

  /** Duplicate address detection of what it is to send from goes on, and nothing else is missing: it begins after that. */
  #isSettling(instance: VrrpInstance): boolean {
    const name = this.#linkNameOf(instance);
    if (instance.transport.source !== null || name === null || this.#interfaces.stateOf(name) !== "up") return false;
    return this.#foundOn(instance).kind === "tentative";
  }

  /** On its interfaces. */
  #foundOn(instance: VrrpInstance): SourceAddress {
    const own = isOwner(instance) ? addressesOf(instance) : [];
    const rules = {
      isVirtual: (address: string) => this.#virtual.has(address) && !own.includes(address),
      isStatic: (address: string) => this.#static.has(address),
      last: this.#lastSources.get(instance.name) ?? null,
    };
    const names = [...new Set([this.#linkNameOf(instance), instance.interface])].filter((name) => name !== null);
    const found = names.map((name) => this.#interfaces.sourceOn(name, instance.family, rules));
    return (
      found.find(({ kind }) => kind === "ready") ?? found.find(({ kind }) => kind === "tentative") ?? { kind: "none" }
    );
  }

  /**
   * Whether the interface or the address that an instance sends from is another than at the last call: only then do sockets and
   * packets change with the network. A virtual address that comes or goes, which happens most, changes neither.
   */
  haveMoved(): boolean {
    const places = this.#model?.instances.map((instance) => {
      const name = this.#linkNameOf(instance) ?? instance.vrf;
      const link = name === null ? null : this.#interfaces.link(name);
      const life = link && this.#interfaces.lifeOf(link);
      return `${link?.index} ${link?.name} ${life} ${this.sourceOf(instance)}`;
    });
    const before = this.#places;
    this.#places = String(places);
    return this.#places !== before;
  }

  /** By vrrp_rx_bufs_policy, for the socket that the instances of an interface share; null: there is none. */
  #policyBytes(instance: VrrpInstance): number | null {
    const policy = this.#model?.globals.receiveBuffer ?? null;
    if (policy === null) return null;
    const name = this.#linkNameOf(instance);
    const sharers = (this.#model?.instances ?? []).filter(
      (other) => other.family === instance.family && this.#linkNameOf(other) === name,
    );
    const link = name === null ? null : this.#interfaces.link(name);
    return receiveBufferOctets(policy, sharers, link?.mtu ?? null);
  }

  /** How it is on the wire. */
  stationOf(instance: VrrpInstance, keys: ReadonlyMap<number, HmacKey>): Station {
    const source = this.sourceOf(instance);
    const name = this.#linkNameOf(instance) ?? instance.vrf;
    const link = name === null ? null : this.#interfaces.link(name);
    const { hmac, kernelRxBufSize } = instance;
    const key = hmac === null || hmac.mode === "receive-only" ? undefined : keys.get(hmac.activeKey);
    const signing =
      hmac === null || key === undefined ? null : { key, antiReplay: hmac.antiReplay, timeWindowMs: hmac.timeWindowMs };
    const canSend = source !== null && (name === null || link !== null);
    return {
      instance,
      link: link && { name: link.name, index: link.index, life: this.#interfaces.lifeOf(link) },
      sending: canSend ? { adverts: advertSettingsOf(instance, source), signing } : null,
      receiveBufferBytes: kernelRxBufSize ?? this.#policyBytes(instance) ?? defaultReceiveBufferBytes,
    };
  }
}

const noLinks: InstanceLinks = { links: [], placement: { instanceLink: null, ownLinks: {} } };

function isOwner({ basePriority }: VrrpInstance): boolean {
  return basePriority === OWNER_PRIORITY;
}

/** Without an address of its own on its interface it would neither speak nor hear, and be master beside another. */
function needsSource(instance: VrrpInstance): boolean {
  if (instance.transport.source !== null) return instance.trackSource;
  return instance.interface !== null && !isOwner(instance);
}

function addressesOf({ addresses, excludedAddresses }: VrrpInstance): string[] {
  return [...addresses, ...excludedAddresses].map(({ address }) => address);
}
