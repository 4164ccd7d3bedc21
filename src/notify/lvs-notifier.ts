import { endpointText } from "ipvs-netlink";
import type { RealServer, VirtualServer } from "../config/model.ts";
import type { RealServerDecision, VirtualServerDecision } from "../director/decision.ts";
import { describeStateReason } from "../director/describe-event.ts";
import { realServerText, virtualServerText } from "./lvs-names.ts";
import type { Notification } from "./notification.ts";

/** What somebody may have been told of a virtual server. */
interface Told {
  /** As it was configured then. */
  readonly virtualServer: VirtualServer;
  readonly decision: VirtualServerDecision;
}

export type LvsNotifierMemory = readonly (readonly [name: string, Told])[];

export interface LvsNotifierOptions {
  /** A FIFO is told of everything. */
  readonly fifo: boolean;
  /** Real servers that are up at first are told, too (rs_init_notifies). */
  readonly realServersAtStart: boolean;
  /** Names of virtual servers whose quorum was met when a predecessor of this process ended: it has told so. */
  readonly inheritedQuorum: ReadonlyMap<string, boolean>;
}

/**
 * What is to be told of virtual and real servers, read off the decisions on them: a real server before its virtual server, as
 * keepalived does. Pure but for the memory of what was told.
 */
export class LvsNotifier {
  readonly #told = new Map<string, Told>();

  /** For a successor: what others know. Plain data. */
  get memory(): LvsNotifierMemory {
    return [...this.#told];
  }

  /** What a predecessor has told. */
  inherit(memory: LvsNotifierMemory): void {
    for (const [name, told] of memory) this.#told.set(name, told);
  }

  /** `configured` finds the virtual server by its name; `removed` are names that are gone from the configuration. */
  decided(
    decisions: readonly VirtualServerDecision[],
    removed: readonly string[],
    configured: (name: string) => VirtualServer | undefined,
    options: LvsNotifierOptions,
  ): Notification[] {
    const gone = removed.flatMap((name) => {
      const told = this.#told.get(name);
      this.#told.delete(name);
      return told === undefined || !listens(told, options) ? [] : allDown(told, "removed by a reload");
    });
    const changed = decisions.flatMap((decision) => {
      const virtualServer = configured(decision.name);
      if (virtualServer === undefined) return [];
      const now = { virtualServer, decision };
      const told = this.#told.get(decision.name);
      this.#told.set(decision.name, now);
      if (told === undefined) return listens(now, options) ? first(now, options) : [];
      return listens(told, options) || listens(now, options) ? changes(told, now) : [];
    });
    return [...gone, ...changed];
  }

  /** An ordered stop: with omega everything that is up is told as if it went down. */
  stopped(): Notification[] {
    return [...this.#told.values()].flatMap((told) =>
      told.virtualServer.notify?.omega ? allDown(told, "lbctl stops") : [],
    );
  }
}

function listens({ virtualServer: { notify, realServers } }: Told, { fifo }: LvsNotifierOptions): boolean {
  return fifo || notify !== null || realServers.some((each) => each.notify !== null);
}

function changes(before: Told, now: Told): Notification[] {
  const found: Notification[] = [];
  const old = new Map(before.decision.realServers.map((each) => [endpointText(each), each]));
  for (const [index, each] of now.decision.realServers.entries()) {
    const was = old.get(endpointText(each));
    old.delete(endpointText(each));
    if (was === undefined || (isUp(was) === isUp(each) && !failedAtFirst(was, each))) continue;
    const realServer = now.virtualServer.realServers[index];
    if (realServer !== undefined)
      found.push(ofRealServer(now.virtualServer, realServer, isUp(each), describeStateReason(each.reason)));
  }
  const dropped = [...old.values()].filter(isUp).map((each) => endpointText(each));
  for (const realServer of before.virtualServer.realServers) {
    if (!dropped.includes(endpointText(realServer.destination))) continue;
    found.push(ofRealServer(before.virtualServer, realServer, false, "removed by a reload"));
  }
  const { met } = now.decision.quorum;
  if (met !== before.decision.quorum.met) {
    found.push(ofQuorum(now, met, met ? "Gained quorum" : "Lost quorum"));
  }
  return found;
}

/**
 * The quorum is told at the start, too, unless a predecessor has; real servers only on demand. That all is well is no news for a
 * mail, as with keepalived.
 */
function first(now: Told, { realServersAtStart, inheritedQuorum }: LvsNotifierOptions): Notification[] {
  const { virtualServer, decision } = now;
  if (inheritedQuorum.get(decision.name) === decision.quorum.met) return [];
  const up = decision.realServers.flatMap((each, index) => {
    const realServer = virtualServer.realServers[index];
    if (!realServersAtStart || realServer === undefined || !isUp(each)) return [];
    return [unmailed(ofRealServer(virtualServer, realServer, true, describeStateReason(each.reason)))];
  });
  const quorum = ofQuorum(now, decision.quorum.met, "At the start");
  return [...up, decision.quorum.met ? unmailed(quorum) : quorum];
}

function unmailed(notification: Notification): Notification {
  return { ...notification, mail: null };
}

function allDown({ virtualServer, decision }: Told, why: string): Notification[] {
  const found = virtualServer.realServers.flatMap((realServer, index) => {
    const decided = decision.realServers[index];
    return decided !== undefined && isUp(decided) ? [ofRealServer(virtualServer, realServer, false, why)] : [];
  });
  return decision.quorum.met ? [...found, ofQuorum({ virtualServer, decision }, false, why)] : found;
}

/** It counts as one that works, perhaps until it is checked. A drained one does, though it takes no new connections. */
function isUp({ adminState, health, reason }: RealServerDecision): boolean {
  if (adminState === "disabled" || health === "down") return false;
  return health === "up" || reason.kind !== "not_checked" || reason.countsAs === "up";
}

/** With alpha one that was not checked yet counts as down; as keepalived does, that it is down is told when a check has said so. */
function failedAtFirst(was: RealServerDecision, is: RealServerDecision): boolean {
  return was.health === "unknown" && is.health === "down" && is.adminState !== "disabled";
}

function ofRealServer(virtualServer: VirtualServer, realServer: RealServer, up: boolean, why: string): Notification {
  const { notify } = realServer;
  const script = up ? notify?.up : notify?.down;
  const name = realServerText(virtualServer, realServer.destination);
  const of = virtualServerText(virtualServer);
  const state = up ? "UP" : "DOWN";
  return {
    target: virtualServer.name,
    scripts: script == null ? [] : [{ script, moreArguments: [] }],
    fifo: { events: "lvs", line: `RS ${name} ${of} ${state}` },
    mail: notify?.smtpAlert
      ? { subject: `Realserver ${name} of virtual server ${of} - ${state}`, text: `${why}.` }
      : null,
  };
}

function ofQuorum({ virtualServer, decision }: Told, met: boolean, why: string): Notification {
  const { notify } = virtualServer;
  const script = met ? notify?.up : notify?.down;
  const name = virtualServerText(virtualServer);
  const { weightUp, needed, hysteresis } = decision.quorum;
  const state = met ? "UP" : "DOWN";
  const text = `${why}: live real servers weigh ${weightUp}, the quorum is ${needed}, the hysteresis ${hysteresis}.`;
  return {
    target: virtualServer.name,
    scripts: script == null ? [] : [{ script, moreArguments: [] }],
    fifo: { events: "lvs", line: `VS ${name} ${state}` },
    mail: notify?.smtpAlert ? { subject: `Virtualserver ${name} - ${state}`, text } : null,
  };
}
