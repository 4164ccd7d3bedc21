import { type NetworkEvent, RtnetlinkClient } from "ipvs-netlink";
import { bufferOptions, type NetlinkBuffers } from "../../config/process-model.ts";
import type { VrrpModel } from "../../config/vrrp-model.ts";
import { systemClock } from "../../director/system-clock.ts";
import type { Severity } from "../../log/record.ts";
import { nftProgram } from "../../nft/nft-program.ts";
import { describeAddressEvent } from "../addresses/address-event.ts";
import { AddressOwner } from "../addresses/address-owner.ts";
import { addressRecord } from "../addresses/file-record.ts";
import { holdingsOf, STATIC_HOLDER } from "../addresses/holdings-of.ts";
import { kernelNetwork } from "../addresses/kernel-network.ts";
import { describeFirewallEvent, Firewall } from "../firewall/firewall.ts";
import type { FirewallNeeds } from "../firewall/ruleset.ts";
import { linkRecord } from "../links/file-record.ts";
import { hostSysctls } from "../links/host-sysctls.ts";
import { describeLinkEvent } from "../links/link-event.ts";
import { LinkOwner } from "../links/link-owner.ts";
import { type InstanceLinks, planLinks } from "../links/planned-link.ts";
import { forwardsIpv6, procSysctls } from "../links/proc-sysctls.ts";
import { announceAsMaster } from "../machine/announce-plan.ts";
import { announcementPace } from "./announcement-pace.ts";
import { AnnouncementSocket } from "./announcement-socket.ts";
import { Announcer } from "./announcer.ts";
import { newCounters, type ToldCounters } from "./counters.ts";
import { describeRunnerEvent, runnerEventFields } from "./describe-runner-event.ts";
import { firewallNeeds } from "./firewall-needs.ts";
import type { InstanceView } from "./instance-view.ts";
import { Interfaces } from "./interfaces.ts";
import { Leaving } from "./leaving.ts";
import { LinkPoller } from "./link-poller.ts";
import { addressSeverity, linkSeverity } from "./network-severity.ts";
import { NetworkWatch } from "./network-watch.ts";
import { polledLinks } from "./polled-links.ts";
import { readKeys } from "./read-keys.ts";
import { Runner } from "./runner.ts";
import type { RunnerEvent } from "./runner-event.ts";
import type { ResumedAfter } from "./runner-options.ts";
import type { RunnerSnapshot } from "./runner-snapshot.ts";
import { ShownViews } from "./shown-views.ts";
import { Soon } from "./soon.ts";
import { type Tracked, TrackedValues } from "./tracked-values.ts";

export interface VrrpProcessOptions {
  readonly runDir: string;
  /** Of the network namespace, for records that must not outlive it. */
  readonly identity: string;
  /** Of its netlink sockets. */
  readonly buffers: NetlinkBuffers;
  readonly onLog: (severity: Severity, message: string, fields?: Readonly<Record<string, string | number>>) => void;
  /** Views of the instances that changed. */
  readonly onViews: (views: readonly InstanceView[]) => void;
  readonly onCounters: (counted: ToldCounters) => void;
  /** For scripts, FIFOs and mail. */
  readonly onEvents: (events: readonly RunnerEvent[]) => void;
}

/** How long a stop waits for other routers to take over: longer than the greatest skew time of adverts up to two seconds. */
const leaveWithinMs = 2_100;
/** How soon a change is told to the supervisor; many come together. */
const viewDelayMs = 20;
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
  readonly #tracked = new TrackedValues();
  readonly #shown = new ShownViews();
  readonly #leaving = new Leaving(() => this.#runner.namesIn(["leaving"]).length > 0);
  #monitor: NetworkWatch | null = null;
  #model: VrrpModel | null = null;
  /** A predecessor acts: what is there is looked at, and left as it is. */
  #standsBy = false;
  #planned: ReadonlyMap<string, InstanceLinks> = new Map();
  readonly #showSoon = new Soon(() => this.show("all"), viewDelayMs);
  #firewallLook: NodeJS.Timeout | null = null;
  #factsTimer: NodeJS.Immediate | null = null;

  constructor(options: VrrpProcessOptions) {
    this.#options = options;
    this.#client = RtnetlinkClient.open(bufferOptions(options.buffers.command));
    this.#linkPoller = new LinkPoller(() => {
      this.#interfaces.refresh();
      this.#factsChanged();
    });
    this.#interfaces = new Interfaces({
      hasLink: (name) => this.#linkPoller.hasLink(name),
      forwardsIpv6,
      list: () => ({ links: this.#client.links(), addresses: this.#client.addresses() }),
      setTimer: systemClock.setTimer,
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
      clock: systemClock,
      onEvents: (events) => {
        for (const event of events) options.onLog(addressSeverity[event.type], describeAddressEvent(event));
        if (events.some(({ type }) => type === "group_lost" || type === "group_whole")) this.#factsChanged();
        this.#showSoon.call();
      },
      onPutThere: (holders) => {
        this.#interfaces.refresh();
        this.#runner.announce(new Set(holders), (garp) => announceAsMaster(garp, "put_back"));
      },
    });
    this.#firewall = new Firewall(nftProgram(), (event) =>
      options.onLog(event.type === "firewall_refused" ? "error" : "info", describeFirewallEvent(event)),
    );
    this.#announcer = new Announcer({
      pace: (link, family) => announcementPace(this.#model, link, family),
      socket: new AnnouncementSocket((message) => options.onLog("warning", message)),
    });
    this.#runner = new Runner({
      interfaces: this.#interfaces,
      owner: this.#owner,
      announcer: this.#announcer,
      tracked: (source) => this.#tracked.get(source),
      onEvents: (events) => this.#onEvents(events),
    });
  }

  /** The first configuration, or another one. Resolves when every router runs under it. */
  async configure(model: VrrpModel, tracked: readonly Tracked[], resumedAfter: ResumedAfter): Promise<void> {
    const keys = this.#prepare(model);
    await this.#configureLinks(model);
    this.#watch();
    this.#interfaces.refresh();
    await this.#configureFirewall(model);
    await this.#owner.configure(holdingsOf(model, this.#planned), (holder) => resumedAfter(holder) !== null);
    this.#takeStatic(model);
    // What a track_group lacks counts from the first state on.
    if (model.trackGroups.length > 0) this.#owner.check();
    // Not before: what is tracked no more counts until nobody tracks it.
    this.#tracked.replace(tracked);
    this.#runner.configure(model, keys, resumedAfter);
    // What a predecessor left stays only with those that go on as master.
    for (const { instance } of this.#runner.routers) {
      const { phase } = this.#runner.stateOf(instance.name);
      if (phase !== "master" && this.#owner.stateOf(instance.name) === "undecided") this.#owner.release(instance.name);
    }
    this.#lookAgain();
  }

  /**
   * Gets ready to go on for a predecessor that still acts: writes nothing, sends nothing. If it may act under another configuration
   * (`isSame`), addresses and their record are not even looked at: a rehearsal, after which only `stop` may follow.
   */
  async standBy(model: VrrpModel, isSame = true): Promise<void> {
    this.#standsBy = true;
    const keys = this.#prepare(model);
    this.#watch();
    this.#interfaces.refresh();
    if (isSame) await this.#owner.configure(holdingsOf(model, this.#planned), () => true);
    this.#runner.standBy(model, keys);
  }

  /** Goes on where the predecessor ended. What it had put there is there: adverts come first. */
  async takeOver(snapshot: RunnerSnapshot, tracked: readonly Tracked[]): Promise<void> {
    this.#standsBy = false;
    this.#tracked.replace(tracked);
    this.#runner.takeOver(snapshot);
    const holders = this.#runner.namesIn(["master", "leaving"]);
    for (const { instance } of this.#runner.routers) {
      if (this.#owner.stateOf(instance.name) !== "undecided") continue;
      if (holders.includes(instance.name)) this.#owner.take(instance.name);
      else this.#owner.release(instance.name);
    }
    const model = this.#model as VrrpModel;
    this.#takeStatic(model);
    this.#firewall.inherit(this.#firewallNeeds(), model.globals.firewall);
    this.#lookAgain();
    await this.#configureLinks(model);
  }

  /** Ends for a successor: all that is there stays. Only `stop("keep")` may follow. */
  handOver(): RunnerSnapshot {
    const snapshot = this.#runner.handOver();
    this.#owner.leaveAlone();
    this.#announcer.end();
    this.show("all");
    this.#standsBy = true;
    return snapshot;
  }

  /** What scripts, files, processes, sessions and virtual servers are now. */
  track(values: readonly Tracked[]): void {
    this.#tracked.add(values);
    this.#factsChanged();
  }

  failover(instance: string): ReturnType<Runner["failover"]> {
    return this.#runner.failover(instance);
  }

  /** Tells what is not as it was told last. What only counts is not told but by this. */
  show(which: "all" | "moved"): void {
    if (this.#standsBy) return;
    this.#runner.begin();
    this.#shown.tell(this.#runner, this.#owner, which, this.#options);
  }

  /** Counts from zero again. */
  clearCounters(): void {
    for (const { counters } of this.#runner.routers) Object.assign(counters, newCounters());
    this.show("all");
  }

  takeWorstLateMs(): number {
    return this.#runner.takeWorstLateMs();
  }

  /** Names of the instances that are master now. */
  masters(): string[] {
    return this.#runner.namesIn(["master"]);
  }

  /** Those that have resigned, and still answer for their addresses. */
  leaving(): string[] {
    return this.#runner.namesIn(["leaving"]);
  }

  /**
   * Ends. "release": resigns, answers for its addresses until other routers do, and gives everything back; "keep" resigns
   * nothing and leaves all that is there (-V). One that stands by, or has handed over, leaves all in any case.
   */
  async stop(how: "release" | "keep"): Promise<void> {
    this.#monitor?.close();
    if (this.#firewallLook !== null) clearInterval(this.#firewallLook);
    if (this.#factsTimer !== null) clearImmediate(this.#factsTimer);
    // Who takes an address away while we go (a script that stops us, too) does not want it back.
    this.#owner.leaveAlone();
    if (!this.#standsBy) {
      if (how === "keep") this.#runner.shutdown("never");
      else await this.#leave();
      this.show("all");
    }
    this.#showSoon.cancel();
    this.#announcer.close();
    const keep = how === "keep" || this.#standsBy;
    await this.#owner.stop({ keep });
    if (!keep) await this.#firewall.stop();
    await this.#links.stop({ keep });
    this.#interfaces.close();
    this.#linkPoller.close();
    this.#runner.close();
    this.#client.close();
  }

  async #leave(): Promise<void> {
    this.#runner.shutdown("after_takeover");
    await this.#leaving.over(leaveWithinMs);
    this.#runner.shutdown("now");
  }

  /** What of a configuration concerns nobody else yet. Answers the HMAC keys. */
  #prepare(model: VrrpModel): ReturnType<typeof readKeys> {
    const keys = readKeys(model.instances, (message) => this.#options.onLog("error", message));
    this.#model = model;
    this.#planned = planLinks(model.instances, model.globals);
    this.#interfaces.configure(model.upDownDelays);
    this.#linkPoller.configure(polledLinks(model));
    return keys;
  }

  #configureLinks(model: VrrpModel): Promise<void> {
    const planned = [...this.#planned.values()].flatMap(({ links }) => links);
    return this.#links.configure(planned, hostSysctls(model, this.#planned));
  }

  #takeStatic({ staticAddresses, staticRoutes, staticRules }: VrrpModel): void {
    if (staticAddresses.length + staticRoutes.length + staticRules.length > 0) this.#owner.take(STATIC_HOLDER);
  }

  #lookAgain(): void {
    this.#shown.configure(this.#runner.routers.map(({ instance }) => instance.name));
    this.show("all");
    if (this.#firewallLook !== null) return;
    const check = () => this.#firewall.check(this.#firewallNeeds()).catch((error: unknown) => this.#failed(error));
    this.#firewallLook = setInterval(check, firewallEveryMs);
  }

  #failed(error: unknown): void {
    this.#options.onLog("error", String(error));
  }

  #configureFirewall({ globals }: VrrpModel): Promise<void> {
    return this.#firewall.configure(this.#firewallNeeds(), globals.firewall);
  }

  #firewallNeeds(): FirewallNeeds {
    return firewallNeeds(this.#model?.instances ?? [], this.#planned, this.#interfaces);
  }

  #watch(): void {
    this.#monitor ??= new NetworkWatch(this.#options.buffers.monitor, (events) => this.#networkChanged(events));
  }

  #networkChanged(events: readonly NetworkEvent[]): void {
    const isLink = events.some(({ kind }) => kind === "link" || kind === "link-gone" || kind === "resync");
    this.#interfaces.removed(events);
    this.#interfaces.refresh();
    this.#factsChanged();
    if (this.#standsBy) return;
    if (isLink && this.#links.hasWork) this.#links.check().catch((error: unknown) => this.#failed(error));
    if (isLink && this.#model !== null && (this.#links.hasWork || this.#model.globals.firewall.ifindex)) {
      // A VMAC whose interface came later, or came back; nothing is run where nothing changes.
      this.#configureFirewall(this.#model).catch((error: unknown) => this.#failed(error));
    }
  }

  /** Many facts change together when an interface comes or goes: they are looked at once. */
  #factsChanged(): void {
    this.#factsTimer ??= setImmediate(() => {
      this.#factsTimer = null;
      this.#runner.factsChanged();
      if (!this.#standsBy) this.#showSoon.call();
    });
  }

  #onEvents(events: readonly RunnerEvent[]): void {
    for (const event of events) {
      const record = describeRunnerEvent(event);
      if (record !== null) this.#options.onLog(record.severity, record.message, runnerEventFields(event));
    }
    this.#options.onEvents(events);
    this.#leaving.look();
    this.#showSoon.call();
  }
}
