import { endpointText } from "ipvs-netlink";
import {
  type ConnectionsResult,
  type ControlApi,
  ControlError,
  type PlanResult,
  type ReloadResult,
  type UpgradeResult,
} from "../control/api.ts";
import { type Caller, mayNameFiles } from "../control/caller.ts";
import type { EventLog } from "../control/event-log.ts";
import { failoverResult } from "../control/failover-result.ts";
import { overrideStatus } from "../control/override-status.ts";
import { type ControlHandlers, type ControlServer, serveControl } from "../control/server.ts";
import type { StatusDocument } from "../control/status-document.ts";
import type { View } from "../control/view.ts";
import { keyOf } from "../director/check-key.ts";
import type { Logger, LogLevel } from "../log/logger.ts";
import { groupId } from "../notify/accounts.ts";
import { findRealServers } from "../operator/find-real-servers.ts";
import type { Operator, Target } from "../operator/operator.ts";
import type { InstanceView } from "../vrrp/process/instance-view.ts";
import type { CheckerLink } from "./checkers/checker-link.ts";
import { checksOf } from "./checkers/checks-of.ts";

/** What the requests of the control socket act on. */
export interface Controlled {
  /** Path of the control socket. */
  readonly socket: string;
  /** Takes the socket's place from a predecessor that still answers there. */
  readonly replaces: boolean;
  /** Whose members may use it; null: the group that the process has. */
  readonly group: string | null;
  readonly events: EventLog;
  readonly view: View;
  readonly operator: Operator;
  /** Null while there are no virtual servers. */
  readonly checker: () => CheckerLink | null;
  readonly status: () => Promise<StatusDocument>;
  readonly reload: () => Promise<ReloadResult>;
  readonly upgrade: (ifChanged: boolean) => Promise<UpgradeResult>;
  /** Another process takes over right now: what is changed here would be lost. */
  readonly isHandingOver: () => boolean;
  readonly plan: (file: string | null) => Promise<PlanResult>;
  readonly failover: (instance: string) => Promise<{ readonly ended: Promise<InstanceView> }>;
  readonly level: LogLevel;
  readonly log: Logger;
}

/** Answers the requests of the control socket. @throws ControlSocketInUse */
export async function serveRequests(controlled: Controlled): Promise<ControlServer> {
  return serveControl({
    path: controlled.socket,
    replaces: controlled.replaces,
    gid: await gidOf(controlled),
    handlers: {
      ...controlHandlers(controlled),
      ...steady(changingHandlers(controlled), controlled.isHandingOver),
    },
    events: controlled.events,
    onFailure: (route, error) => {
      const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
      controlled.log.error(`${route} failed: ${why}`);
    },
  });
}

/** @throws ControlError `forbidden` */
function permittedFile(file: string | null, caller: Caller, { group }: Controlled): string | null {
  if (file === null || mayNameFiles(caller, process.getuid?.() ?? 0, group)) return file;
  const message = `${file} would be read with the rights of lbctl, and ${caller.name} may not ask for that`;
  throw new ControlError("forbidden", message, 'Plan the file in force, or "lbctl validate -f" this one.');
}

/** A group that is not there takes nothing away: root can still use the socket. */
async function gidOf({ group, log }: Controlled): Promise<number | null> {
  if (group === null) return null;
  try {
    return await groupId(group);
  } catch (error) {
    log.error(`control_group ${group}: ${(error as Error).message}; the control socket has the group of the process`);
    return null;
  }
}

function controlHandlers(controlled: Controlled): Omit<ControlHandlers, ChangingRoute> {
  const { operator, log } = controlled;
  return {
    "GET /v1/status": () => controlled.status(),
    "GET /v1/overrides": async () => ({
      overrides: operator.overrides.map((each) => overrideStatus(each, operator.overrides)),
    }),
    "POST /v1/reload": async (_, caller) => {
      log.info(`reload asked for by ${(await caller()).description}`, { event: "reload_requested" });
      return controlled.reload();
    },
    "POST /v1/plan": async (request, caller) =>
      controlled.plan(permittedFile(request?.file ?? null, await caller(), controlled)),
    "POST /v1/connections": (target) => connections(controlled, target),
    "POST /v1/checks": async (target) =>
      checksOf(controlled.view.model, target.virtual_server ?? null, meant(controlled, target)),
  };
}

const changing = [
  "drain",
  "undrain",
  "disable",
  "enable",
  "weight",
  "failover",
  "check",
  "log-level",
  "upgrade",
] as const;
type ChangingRoute = `POST /v1/${(typeof changing)[number]}`;

/** Those that act on what another process may be taking over just now; called with who asked. */
type ChangingHandlers = {
  readonly [R in ChangingRoute]: (
    request: ControlApi[R]["request"],
    caller: Caller,
  ) => Promise<ControlApi[R]["response"]>;
};

function changingHandlers(controlled: Controlled): ChangingHandlers {
  const { operator, level, log } = controlled;
  return {
    "POST /v1/upgrade": async (request, { description }) => {
      log.notice(`upgrade asked for by ${description}`, { event: "upgrade_requested" });
      return controlled.upgrade(request?.if_changed ?? false);
    },
    "POST /v1/failover": async ({ instance, wait = true }, { description }) => {
      const begunMs = performance.now();
      const { ended } = await controlled.failover(instance);
      log.notice(`failover of ${instance} (by ${description})`, { event: "failover_requested", instance });
      return failoverResult(instance, wait ? await ended : null, performance.now() - begunMs);
    },
    "POST /v1/drain": ({ for_s, ...target }, caller) =>
      operator.setAdminState(target, "drained", for_s ?? null, caller),
    "POST /v1/undrain": (target, caller) => operator.clearAdminState(target, "drained", caller),
    "POST /v1/disable": ({ for_s, ...target }, caller) =>
      operator.setAdminState(target, "disabled", for_s ?? null, caller),
    "POST /v1/enable": (target, caller) => operator.clearAdminState(target, "disabled", caller),
    "POST /v1/weight": ({ weight, for_s, ...target }, caller) =>
      weight === null
        ? operator.clearWeight(target, caller)
        : operator.setWeight(target, weight, for_s ?? null, caller),
    "POST /v1/check": async (target, { description }) => {
      const realServers = meant(controlled, target);
      const keys = checkKeys(controlled, target, realServers);
      const checker = controlled.checker();
      if (checker === null) throw checksNothing();
      checker.checkNow(keys);
      log.info(`check of ${realServers.join(", ")} now (by ${description})`, { event: "check_requested" });
      return { real_servers: realServers, checks: keys.length };
    },
    "POST /v1/log-level": async ({ level: wanted }, { description }) => {
      const was = level.severity;
      level.severity = wanted;
      log.notice(`log level ${was} -> ${wanted} (by ${description})`, { event: "log_level_changed" });
      return { level: wanted, was };
    },
  };
}

function checksNothing(): ControlError {
  const hint = "Ask the lbctl that has the checks: started without --vrrp, or with --check.";
  return new ControlError("checker-not-running", "this lbctl runs VRRP only (--vrrp): it checks nothing", hint);
}

/** Refuses to change anything while another process takes over. */
function steady(handlers: ChangingHandlers, isHandingOver: () => boolean): Pick<ControlHandlers, ChangingRoute> {
  const careful = changing.map((name) => {
    const route = `POST /v1/${name}` as const;
    const handler = handlers[route] as (request: unknown, caller: Caller) => Promise<unknown>;
    const carefully = async (request: unknown, caller: () => Promise<Caller>): Promise<unknown> => {
      const known = await caller();
      if (!isHandingOver()) return handler(request, known);
      throw new ControlError("conflict", "an upgrade is under way", "It takes seconds: try again.");
    };
    return [route, carefully];
  });
  return Object.fromEntries(careful);
}

/** @throws ControlError `not-found` */
function meant({ view }: Controlled, { real_server, virtual_server }: Target): readonly string[] {
  const found = findRealServers(view.model, real_server, virtual_server ?? null);
  if (!found.ok) throw new ControlError("not-found", found.message, found.hint);
  return found.realServers;
}

function checkKeys({ view }: Controlled, { virtual_server }: Target, realServers: readonly string[]): string[] {
  const keys = view.model.virtualServers
    .filter(({ name }) => virtual_server == null || virtual_server === name)
    .flatMap((server) => server.realServers)
    .filter(({ destination }) => realServers.includes(endpointText(destination)))
    .flatMap(({ checks }) => checks.map(keyOf));
  return [...new Set(keys)];
}

async function connections(controlled: Controlled, target: Target): Promise<ConnectionsResult> {
  const realServers = meant(controlled, target);
  const { virtual_servers } = await controlled.status();
  const all = virtual_servers
    .filter(({ name }) => target.virtual_server == null || target.virtual_server === name)
    .flatMap((server) => server.real_servers)
    .filter((real) => realServers.includes(endpointText(real)))
    .flatMap(({ connections }) => connections ?? []);
  const sum = (name: keyof (typeof all)[number]) => all.reduce((total, each) => total + each[name], 0);
  return { real_servers: realServers, active: sum("active"), inactive: sum("inactive"), persistent: sum("persistent") };
}
