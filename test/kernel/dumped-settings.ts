import type { Check, ConnectOptions } from "@lbctl/checkers";
import type { Destination, Service, Tunnel } from "ipvs-netlink";
import type { Model, VirtualServer } from "../../src/config/model.ts";
import { type Dump, type DumpedServer, field, switchedOn } from "./keepalived-dump.ts";

/** The settings that keepalived's dump shows, in one shape for both sides. */
export function settingsOfDump({ virtualServers, checkers }: Dump) {
  const hosts = new Map(virtualServers.map((each) => [serviceName(each), field(each.lines, "VirtualHost") ?? null]));
  return {
    virtualServers: virtualServers.map(serverOfDump),
    checks: checkers.map((lines) => checkOfDump(lines, hosts)).sort(byText),
  };
}

export function settingsOfModel({ virtualServers }: Model) {
  return {
    virtualServers: virtualServers.map(serverOfModel),
    checks: virtualServers
      .flatMap((server) =>
        server.realServers.flatMap((real) =>
          real.checks.map((check) => checkOfModel(`${nameOf(server)} -> ${hostAndPort(real.destination)}`, check)),
        ),
      )
      .sort(byText),
  };
}

const byText = (one: object, other: object) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1);

function serviceName({ lines }: DumpedServer): string {
  const mark = field(lines, "VS FWMARK");
  if (mark !== undefined) return `FWM ${mark}`;
  const [address, port] = (field(lines, "VS VIP") as string).split(", VPORT = ");
  return `[${address}]:${field(lines, "protocol")?.toLowerCase()}:${port}`;
}

function nameOf({ services }: VirtualServer): string {
  const { key } = services[0] as Service;
  if (key.kind === "fwmark") return `FWM ${key.fwmark}`;
  return `[${key.address}]:${key.protocol.toLowerCase()}:${key.port}`;
}

function serverOfDump(server: DumpedServer) {
  const { lines, realServers } = server;
  const [quorum, hysteresis] = (field(lines, "quorum") as string).split(", hysteresis = ").map(Number);
  const sorryAt = lines.findIndex((line) => line.trim().startsWith("sorry server ="));
  const sorry = sorryAt < 0 ? [] : lines.slice(sorryAt);
  return {
    name: serviceName(server),
    family: field(lines, "Address family"),
    scheduler: field(lines, "lvs_sched"),
    flags: lines.flatMap((line) => /^ *((?:flag|sh|mh)-\w+) = enabled/.exec(line)?.[1] ?? []).sort(),
    onePacket: field(lines, "One packet scheduling") === "enabled",
    persistenceS: Number(field(lines, "persistence timeout") ?? 0),
    granularity: granularityOf(field(lines, "persistence granularity"), field(lines, "Address family")),
    quorum,
    hysteresis,
    // Of GUE the dump leaves out the word "default".
    method: field(lines, "default forwarding method") ?? field(lines, "forwarding method"),
    sorry:
      sorryAt < 0
        ? null
        : {
            server: portOf(field(sorry, "sorry server") as string),
            method: field(sorry, "forwarding method"),
            inhibit: switchedOn(sorry, "Inhibit on failure"),
          },
    realServers: realServers.map((each) => ({
      server: /RIP = (\S+), RPORT = (\d+), WEIGHT = (\d+)/.exec(each.join("\n"))?.slice(1).join(" "),
      method: field(each, "forwarding method"),
      limits: field(each, "connection limit range"),
      inhibit: switchedOn(each, "Inhibit on failure"),
    })),
  };
}

function serverOfModel(server: VirtualServer): ReturnType<typeof serverOfDump> {
  const service = server.services[0] as Service;
  const { key, persistence } = service;
  const family = key.kind === "fwmark" ? key.family : key.address.includes(":") ? "inet6" : "inet";
  const width = family === "inet" ? 32 : 128;
  return {
    name: nameOf(server),
    family,
    scheduler: service.scheduler,
    flags: service.schedulerFlags.map((flag) => flagNames[service.scheduler]?.[flag] ?? flag).sort(),
    onePacket: service.onePacket,
    persistenceS: persistence?.timeoutS ?? 0,
    granularity: persistence === null || persistence.prefixLength === width ? null : persistence.prefixLength,
    quorum: server.quorum,
    hysteresis: server.hysteresis,
    method: methodText(server.lvsMethod, server.tunnel),
    sorry:
      server.sorryServer === null
        ? null
        : {
            server: hostAndPort(server.sorryServer.destination),
            method: methodText(server.sorryServer.destination.method, server.sorryServer.destination.tunnel),
            inhibit: server.sorryServer.inhibit,
          },
    realServers: server.realServers.map(({ destination, inhibitOnFailure }) => ({
      server: `${destination.address} ${destination.port} ${destination.weight}`,
      method: methodText(destination.method, destination.tunnel),
      limits: `${destination.lowerThreshold} -> ${destination.upperThreshold}`,
      inhibit: inhibitOnFailure,
    })),
  };
}

/** keepalived names the flags by scheduler (linux/ip_vs.h: flag 1 is fallback, flag 2 the port). */
const flagNames: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  sh: { "flag-1": "sh-fallback", "flag-2": "sh-port" },
  mh: { "flag-1": "mh-fallback", "flag-2": "mh-port" },
};

function granularityOf(text: string | undefined, family: string | undefined): number | null {
  if (text === undefined) return null;
  const length = text.includes(".")
    ? text.split(".").reduce((sum, octet) => sum + Number(octet).toString(2).replaceAll("0", "").length, 0)
    : Number(text);
  return length === (family === "inet" ? 32 : 128) ? null : length;
}

function methodText(method: Destination["method"], tunnel: Tunnel | null): string {
  if (method !== "TUN" || tunnel === null) return method;
  const { type, port, checksum } = tunnel;
  const sum =
    type === "ipip" ? "" : { none: ", no checksum", csum: ", checksum", remcsum: ", remote checksum" }[checksum];
  return `TUN, type = ${type.toUpperCase()}${type === "gue" ? `, port = ${port}` : ""}${sum}`;
}

const hostAndPort = ({ address, port }: { readonly address: string; readonly port: number }) => `[${address}]:${port}`;
/** "[10.0.0.9]:tcp:80" without the protocol. */
const portOf = (text: string) => text.replace(/\]:\w+:/, "]:");

function checkOfDump(lines: readonly string[], hosts: ReadonlyMap<string, string | null>) {
  const [service = "", target = ""] = (lines[0] as string).trim().split(" -> ");
  const method = (field(lines, "Keepalive method") as string).split(", ")[0] as string;
  const host = field(lines, "Virtualhost") ?? hosts.get(service) ?? null;
  const at = lines.map((line) => line.trim().startsWith("Checked url =")).flatMap((is, index) => (is ? [index] : []));
  return {
    of: `${service} -> ${portOf(target)}`,
    type: method,
    alpha: field(lines, "Alpha") === "yes",
    delayLoopMs: microseconds(field(lines, "Delay loop")),
    warmupMs: microseconds(field(lines, "Warmup")),
    retry: Number(field(lines, "Retries")),
    delayBeforeRetryMs: microseconds(field(lines, "Delay before retry")),
    timeoutMs: Math.round(Number(field(lines, "Timeout")) * 1000),
    to: field(lines, "Dest"),
    from: field(lines, "Bind to") ?? null,
    via: field(lines, "Bind i/f") ?? null,
    mark: Number(field(lines, "Mark") ?? 0),
    http: method !== "HTTP_GET" ? null : /http protocol (\S+)/.exec(lines.join("\n"))?.[1],
    urls: at.map((start, index) => urlOfDump(lines.slice(start, at[index + 1]), host)),
  };
}

function urlOfDump(lines: readonly string[], host: string | null) {
  const codes = lines.flatMap((line) => /^\s+(\d{3}(?:-\d{3})?)$/.exec(line)?.[1] ?? []);
  return {
    path: field(lines, "Checked url"),
    digest: field(lines, "digest") ?? null,
    codes,
    host: field(lines, "Virtual host") ?? host,
  };
}

function checkOfModel(of: string, { spec, timing, alpha }: Check): ReturnType<typeof checkOfDump> {
  return {
    of,
    type: spec.type,
    alpha,
    delayLoopMs: timing.delayLoopMs,
    warmupMs: timing.warmupMs,
    retry: timing.retry,
    delayBeforeRetryMs: timing.delayBeforeRetryMs,
    timeoutMs: timing.connectTimeoutMs,
    to: hostAndPort(spec.connect),
    from: source(spec.connect),
    via: spec.connect.bindIf,
    mark: spec.connect.fwmark ?? 0,
    http: spec.type === "HTTP_GET" ? spec.httpProtocol : null,
    urls:
      spec.type !== "HTTP_GET"
        ? []
        : spec.urls.map((url) => ({
            path: url.path,
            digest: url.digest,
            codes: url.statusCode.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)),
            host: url.virtualhost,
          })),
  };
}

function source({ bindto, bindPort }: ConnectOptions): string | null {
  return bindto === null ? null : `[${bindto}]:${bindPort ?? 0}`;
}

function microseconds(text: string | undefined): number {
  return Number(text?.replace(" us", "")) / 1000;
}
