import { type NetworkEvent, RtnetlinkClient, RtnetlinkMonitor } from "ipvs-netlink";
import { bufferOptions, type NetlinkBuffers } from "../../config/process-model.ts";
import type { VrrpModel } from "../../config/vrrp-model.ts";
import type { Severity } from "../../log/record.ts";
import { nftProgram } from "../../nft/nft-program.ts";
import { describeAddressEvent } from "../addresses/address-event.ts";
import { AddressOwner } from "../addresses/address-owner.ts";
import { addressRecord } from "../addresses/file-record.ts";
import { holdingsOf, STATIC_HOLDER } from "../addresses/holdings-of.ts";
import { kernelNetwork } from "../addresses/kernel-network.ts";
import { closedAddresses } from "../firewall/closed-addresses.ts";
import { describeFirewallEvent, Firewall } from "../firewall/firewall.ts";
import type { FirewallNeeds } from "../firewall/ruleset.ts";
import { linkRecord } from "../links/file-record.ts";
import { hostSysctls } from "../links/host-sysctls.ts";
import { describeLinkEvent } from "../links/link-event.ts";
import { LinkOwner } from "../links/link-owner.ts";
import { type InstanceLinks, planLinks } from "../links/planned-link.ts";
import { procSysctls } from "../links/proc-sysctls.ts";
import type { TrackedValue } from "../machine/assess.ts";
import type { TrackSource } from "../machine/standing.ts";
import { Announcer } from "./announcer.ts";
import { newCounters } from "./counters.ts";
import { describeRunnerEvent, runnerEventFields } from "./describe-runner-event.ts";
import { type InstanceView, instanceView } from "./instance-view.ts";
import { Interfaces } from "./interfaces.ts";
import { LinkPoller } from "./link-poller.ts";
import { addressSeverity, linkSeverity } from "./network-severity.ts";
import { polledLinks } from "./polled-links.ts";
import { readKeys } from "./read-keys.ts";
import { type ResumedAfter, Runner } from "./runner.ts";
import type { RunnerEvent } from "./runner-event.ts";

export interface VrrpProcessOptions {
  readonly runDir: string;
  /** Of the network namespace, for records that must not outlive it. */
  readonly identity: string;
  /** Of its netlink sockets. */
  readonly buffers: NetlinkBuffers;
  readonly onLog: (severity: Severity, message: string, fields?: Readonly<Record<string, string | number>>) => void;
  /** Views of the instances that changed. */
  readonly onViews: (views: readonly InstanceView[]) => void;
  /** For scripts, FIFOs and mail. */
  readonly onEvents: (events: readonly RunnerEvent[]) => void;
}

/** How long a stop waits for other routers to take over: longer than the greatest skew time of adverts up to two seconds. */
const leaveWithinMs = 2_100;
/** How soon a change is told to the supervisor; many come together. */
const viewDelayMs = 20;
/** How old counters may be in status. */
const countersEveryMs = 2_000;
/** Nobody tells when others flush our filter rules; looked at only where there are any. */
const firewallEveryMs = 5_000;

/**
 * All of VRRP in one process: interfaces, addresses, filter rules, announcements and the runner of the state machines. This
 * is where they are put together; each decides and does its own part.
 */
export class VrrpProcess {
  readonly #options: VrrpProcessOptions;
  readonly #client: RtnetlinkClient;
  readonly #interfaces: Interfaces;
  readonly #linkPoller: LinkPoller;
  readonly #links: LinkOwner;
  readonly #owner: AddressOwner;
  readonly #firewall: Firewall;
  readonly #announcer: Announcer;
  readonly #runner: Runner;
  #tracked = new Map<string, TrackedValue>();
  readonly #shown = new Map<string, string>();
  #onLeft: (() => void) | null = null;
  #monitor: RtnetlinkMonitor | null = null;
  #model: VrrpModel | null = null;
  #planned: ReadonlyMap<string, InstanceLinks> = new Map();
  #viewTimer: NodeJS.Timeout | null = null;
  #counterTimer: NodeJS.Timeout | null = null;
  #firewallTimer: NodeJS.Timeout | null = null;
  #factsTimer: NodeJS.Immediate | null = null;

  constructor(options: VrrpProcessOptions) {
    this.#options = options;
    this.#client = RtnetlinkClient.open(bufferOptions(options.buffers.command));
    const setTimer = (callback: () => void, delayMs: number) => {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    };
    const now = () => ({ epochMs: Date.now(), monotonicMs: performance.now() });
    this.#linkPoller = new LinkPoller(() => {
      this.#interfaces.refresh();
      this.#factsChanged();
    });
    this.#interfaces = new Interfaces({
      hasLink: (name) => this.#linkPoller.hasLink(name),
      list: () => ({ links: this.#client.links(), addresses: this.#client.addresses() }),
      setTimer,
      onChange: () => this.#factsChanged(),
    });
    this.#links = new LinkOwner({
      client: this.#client,
      sysctls: procSysctls,
      record: linkRecord(options.runDir, options.identity),
      onEvents: (events) => {
        for (const event of events) options.onLog(linkSeverity[event.type], describeLinkEvent(event));
      },
    });
    this.#owner = new AddressOwner({
      network: kernelNetwork(undefined, options.buffers),
      record: addressRecord(options.runDir, options.identity),
      clock: { now, setTimer },
      onEvents: (events) => {
        for (const event of events) options.onLog(addressSeverity[event.type], describeAddressEvent(event));
        if (events.some(({ type }) => type === "group_lost" || type === "group_whole")) this.#factsChanged();
        this.#showSoon();
      },
    });
    this.#firewall = new Firewall(nftProgram(), (event) =>
      options.onLog(event.type === "firewall_refused" ? "error" : "info", describeFirewallEvent(event)),
    );
    this.#announcer = new Announcer({
      pace: (link, family) => this.#paceOf(link, family),
      onError: (message) => options.onLog("warning", message),
    });
    this.#runner = new Runner({
      interfaces: this.#interfaces,
      owner: this.#owner,
      announcer: this.#announcer,
      tracked: (source) => this.#tracked.get(trackKey(source)) ?? null,
      onEvents: (events) => this.#onEvents(events),
    });
  }

  /** The first configuration, or another one. Resolves when every router runs under it. */
  async configure(model: VrrpModel, tracked: readonly Tracked[], resumedAfter: ResumedAfter): Promise<void> {
    const keys = readKeys(model.instances, (message) => this.#options.onLog("error", message));
    this.#model = model;
    this.#planned = planLinks(model.instances, model.globals);
    this.#interfaces.configure(model.upDownDelays);
    this.#linkPoller.configure(polledLinks(model));
    const planned = [...this.#planned.values()].flatMap(({ links }) => links);
    await this.#links.configure(planned, hostSysctls(model, this.#planned));
    this.#watch();
    this.#interfaces.refresh();
    await this.#configureFirewall(model);
    await this.#owner.configure(holdingsOf(model, this.#planned), (holder) => resumedAfter(holder) !== null);
    if (model.staticAddresses.length + model.staticRoutes.length + model.staticRules.length > 0)
      this.#owner.take(STATIC_HOLDER);
    // What a track_group lacks counts from the first state on.
    if (model.trackGroups.length > 0) this.#owner.check();
    // Not before: what is tracked no more counts until nobody tracks it.
    this.#tracked = new Map(tracked.map(({ source, value }) => [trackKey(source), value]));
    this.#runner.configure(model, keys, resumedAfter);
    // What a predecessor left stays only with those that go on as master.
    for (const { instance } of this.#runner.routers) {
      const { phase } = this.#runner.stateOf(instance.name);
      if (phase !== "master" && this.#owner.stateOf(instance.name) === "undecided") this.#owner.release(instance.name);
    }
    this.#counterTimer ??= setInterval(() => this.#show(), countersEveryMs);
    this.#firewallTimer ??= setInterval(() => {
      this.#firewall.check(this.#firewallNeeds()).catch((error: unknown) => this.#failed(error));
    }, firewallEveryMs);
    this.#show();
  }

  /** What scripts, files, processes, sessions and virtual servers are now. */
  track(values: readonly Tracked[]): void {
    for (const { source, value } of values) this.#tracked.set(trackKey(source), value);
    this.#factsChanged();
  }

  failover(instance: string): boolean {
    return this.#runner.failover(instance);
  }

  /** Counts from zero again. */
  clearCounters(): void {
    for (const { counters } of this.#runner.routers) Object.assign(counters, newCounters());
    this.#show();
  }

  takeWorstLateMs(): number {
    return this.#runner.takeWorstLateMs();
  }

  /** Names of the instances that are master now. */
  masters(): string[] {
    return this.#runner.routers
      .map(({ instance }) => instance.name)
      .filter((name) => this.#runner.stateOf(name).phase === "master");
  }

  /**
   * Ends. "release": resigns, answers for its addresses until other routers do, and gives everything back; "keep" resigns
   * nothing and leaves all that is there (-V, handover).
   */
  async stop(how: "release" | "keep"): Promise<void> {
    this.#monitor?.close();
    if (this.#counterTimer !== null) clearInterval(this.#counterTimer);
    if (this.#firewallTimer !== null) clearInterval(this.#firewallTimer);
    if (this.#factsTimer !== null) clearImmediate(this.#factsTimer);
    // Who takes an address away while we go (a script that stops us, too) does not want it back.
    this.#owner.leaveAlone();
    if (how === "keep") this.#runner.shutdown("never");
    else await this.#leave();
    this.#show();
    if (this.#viewTimer !== null) clearTimeout(this.#viewTimer);
    this.#announcer.close();
    const keep = how === "keep";
    await this.#owner.stop({ keep });
    if (!keep) await this.#firewall.stop();
    await this.#links.stop({ keep });
    this.#interfaces.close();
    this.#linkPoller.close();
    this.#runner.close();
    this.#client.close();
  }

  async #leave(): Promise<void> {
    const left = new Promise<void>((resolve) => {
      this.#onLeft = resolve;
    });
    this.#runner.shutdown("after_takeover");
    const patience = setTimeout(() => this.#onLeft?.(), leaveWithinMs);
    if (!this.#isLeaving()) this.#onLeft?.();
    await left;
    clearTimeout(patience);
    this.#runner.shutdown("now");
  }

  #isLeaving(): boolean {
    return this.#runner.routers.some(({ instance }) => this.#runner.stateOf(instance.name).phase === "leaving");
  }

  #failed(error: unknown): void {
    this.#options.onLog("error", String(error));
  }

  #configureFirewall({ globals }: VrrpModel): Promise<void> {
    return this.#firewall.configure(this.#firewallNeeds(), globals.firewall);
  }

  #firewallNeeds(): FirewallNeeds {
    const planned = [...this.#planned.values()].flatMap(({ links }) => links);
    return {
      closed: closedAddresses(
        this.#model?.instances ?? [],
        this.#planned,
        (name) => this.#interfaces.link(name)?.index ?? null,
      ),
      vmacs: planned
        .filter(({ name, kind }) => kind.kind === "macvlan" && this.#interfaces.link(name) !== null)
        .map(({ name, base }) => ({ name, base })),
    };
  }

  #watch(): void {
    if (this.#monitor !== null) return;
    const open = (): RtnetlinkMonitor =>
      RtnetlinkMonitor.open({
        ...bufferOptions(this.#options.buffers.monitor),
        about: ["link", "address"],
        onEvents: (events) => this.#networkChanged(events),
        onError: () => {
          this.#monitor = open();
          this.#networkChanged([{ kind: "resync" }]);
        },
      });
    this.#monitor = open();
  }

  #networkChanged(events: readonly NetworkEvent[]): void {
    const isLink = events.some(({ kind }) => kind === "link" || kind === "link-gone" || kind === "resync");
    this.#interfaces.refresh();
    if (isLink && this.#links.hasWork) this.#links.check().catch((error: unknown) => this.#failed(error));
    if (isLink && this.#model !== null && (this.#links.hasWork || this.#model.globals.firewall.ifindex)) {
      // A VMAC whose interface came later, or came back; nothing is run where nothing changes.
      this.#configureFirewall(this.#model).catch((error: unknown) => this.#failed(error));
    }
    this.#factsChanged();
  }

  /** Many facts change together when an interface comes or goes: they are looked at once. */
  #factsChanged(): void {
    this.#factsTimer ??= setImmediate(() => {
      this.#factsTimer = null;
      this.#runner.factsChanged();
      this.#showSoon();
    });
  }

  #onEvents(events: readonly RunnerEvent[]): void {
    for (const event of events) {
      const record = describeRunnerEvent(event);
      if (record !== null) this.#options.onLog(record.severity, record.message, runnerEventFields(event));
    }
    this.#options.onEvents(events);
    if (this.#onLeft !== null && !this.#isLeaving()) this.#onLeft();
    this.#showSoon();
  }

  #showSoon(): void {
    this.#viewTimer ??= setTimeout(() => {
      this.#viewTimer = null;
      this.#show();
    }, viewDelayMs);
  }

  /** Only what is not as it was shown last. */
  #show(): void {
    const nowMs = this.#runner.nowMs();
    const views = this.#runner.routers.map((router) =>
      instanceView(router, this.#runner.stateOf(router.instance.name), this.#owner, nowMs, Date.now()),
    );
    const changed = views.filter((view) => {
      const { sinceEpochMs, master, ...rest } = view;
      const text = JSON.stringify([rest, master?.address, master?.priority]);
      if (this.#shown.get(view.name) === text) return false;
      this.#shown.set(view.name, text);
      return true;
    });
    if (changed.length > 0) this.#options.onViews(changed);
  }

  #paceOf(link: string, family: "inet" | "inet6") {
    const group = this.#model?.garpGroups.find(({ interfaces }) => interfaces.includes(link));
    const globals = this.#model?.globals;
    const from = group ?? globals;
    const intervalUs = (family === "inet" ? from?.garpIntervalUs : from?.gnaIntervalUs) ?? 0;
    return { group: `${family} ${group === undefined ? link : group.interfaces.join(" ")}`, intervalUs };
  }
}

/** What is known of a tracked thing that is no interface. */
interface Tracked {
  readonly source: TrackSource;
  readonly value: TrackedValue;
}

function trackKey({ kind, name }: TrackSource): string {
  return `${kind} ${name}`;
}
