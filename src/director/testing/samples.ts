import type { Check, CheckState, Health } from "@lbctl/checkers";
import type { Destination, Service } from "ipvs-netlink";
import { defaultIpvsSettings } from "../../config/ipvs-model.ts";
import type { Model, RealServer, SorryServer, VirtualServer } from "../../config/model.ts";
import { defaultNotifySettings } from "../../config/notify-model.ts";
import { defaultProcessSettings } from "../../config/process-model.ts";
import { keyOf } from "../check-key.ts";

/** Building blocks for tests: everything has a plain default, every part can be given. */

export function service(change: Partial<Service> & { port?: number } = {}): Service {
  const { port = 80, ...rest } = change;
  return {
    key: { kind: "address", protocol: "TCP", address: "192.0.2.1", port },
    scheduler: "wrr",
    schedulerFlags: [],
    persistence: null,
    onePacket: false,
    ...rest,
  };
}

/** `last` is the last octet of the address. */
export function destination(last: number, change: Partial<Destination> = {}): Destination {
  return {
    address: `10.0.0.${last}`,
    port: 80,
    method: "NAT",
    weight: 1,
    upperThreshold: 0,
    lowerThreshold: 0,
    tunnel: null,
    ...change,
  };
}

export function check(last: number, change: Partial<Check> & { port?: number } = {}): Check {
  const { port = 80, ...rest } = change;
  return {
    spec: {
      type: "TCP_CHECK",
      connect: { address: `10.0.0.${last}`, port, bindto: null, bindPort: null, bindIf: null, fwmark: null },
    },
    timing: { delayLoopMs: 6000, connectTimeoutMs: 5000, retry: 1, delayBeforeRetryMs: 1000, warmupMs: 0 },
    alpha: false,
    logAllFailures: false,
    ...rest,
  };
}

export function realServer(last: number, change: Partial<RealServer> & { weight?: number } = {}): RealServer {
  const { weight = 1, ...rest } = change;
  return {
    destination: destination(last, { weight }),
    inhibitOnFailure: false,
    notify: null,
    checks: [check(last)],
    ...rest,
  };
}

export function sorryServer(last: number, change: Partial<SorryServer> = {}): SorryServer {
  return { destination: destination(last), inhibit: false, ...change };
}

export function virtualServer(change: Partial<VirtualServer> = {}): VirtualServer {
  return {
    name: "web",
    group: null,
    services: [service()],
    lvsMethod: "NAT",
    tunnel: null,
    quorum: 1,
    hysteresis: 0,
    sorryServer: null,
    notify: null,
    realServers: [realServer(1), realServer(2)],
    ...change,
  };
}

export function model(virtualServers: readonly VirtualServer[], reconcileIntervalMs = 10_000): Model {
  return {
    globalDefs: {
      routerId: null,
      reconcileIntervalMs,
      checkerLogAllFailures: false,
      notify: defaultNotifySettings,
      ipvs: defaultIpvsSettings,
      process: defaultProcessSettings,
    },
    virtualServers,
  };
}

export function checkState(health: Health, sinceEpochMs = 0): CheckState {
  const refused = { ok: false, latencyMs: 1, reason: { kind: "refused" }, url: null } as const;
  const down = health === "down";
  return { health, sinceEpochMs, failures: down ? 1 : 0, verdict: down ? refused : null, checkedEpochMs: sinceEpochMs };
}

/** The new health of `check(last)`. */
export function healthOf(last: number, health: Health, sinceEpochMs = 0) {
  return { key: keyOf(check(last)), state: checkState(health, sinceEpochMs) };
}
