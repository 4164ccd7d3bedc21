import { formatDuration } from "@lbctl/checkers";
import { overrideText } from "../control/override-status.ts";
import type {
  OverrideStatus,
  RealServerStatus,
  StatusDocument,
  VirtualServerStatus,
} from "../control/status-document.ts";
import { countOf } from "../text/count.ts";
import { renderSessions } from "./render-bfd.ts";
import { renderInstances } from "./render-vrrp.ts";
import type { Paint } from "./style.ts";
import { textTable } from "./text-table.ts";

const stateColour = {
  up: "green",
  down: "red",
  unknown: "yellow",
  disabled: "dim",
  drained: "yellow",
  refused: "red",
} as const;

/** The status document as lines for people. `nowEpochMs` is the moment that "since" is counted to. */
export function renderStatus(status: StatusDocument, nowEpochMs: number, paint: Paint): string[] {
  const instances = renderInstances(status.vrrp_instances, nowEpochMs, paint);
  const sessions = renderSessions(status.bfd_instances, nowEpochMs, paint);
  const servers = status.virtual_servers.flatMap((server) => ["", ...virtualServer(server, nowEpochMs, paint)]);
  const tables = [instances, sessions].flatMap((table) => (table.length === 0 ? [] : ["", ...table]));
  const body = [...tables, ...servers];
  return [...header(status, nowEpochMs), ...(body.length === 0 ? ["", nothing(status)] : body)];
}

/** A VRRP process that has not told anything yet may have instances. */
function nothing({ daemon }: StatusDocument): string {
  return daemon.vrrp === "off" || daemon.vrrp === "running"
    ? "No virtual servers are configured."
    : `No virtual servers are configured, and nothing is known of VRRP yet: its process is ${daemon.vrrp}.`;
}

function header(status: StatusDocument, nowEpochMs: number): string[] {
  const { daemon, drift } = status;
  const facts = [
    `lbctl ${daemon.version}`,
    `${status.dataplane}`,
    ...(daemon.router_id === null ? [] : [daemon.router_id]),
    `configuration ${status.generation} of ${daemon.config_file}`,
    ...(daemon.checker === "off" ? [] : [`checker ${daemon.checker}`]),
    ...(daemon.vrrp === "off" ? [] : [`vrrp ${daemon.vrrp}`]),
    ...(daemon.bfd === "off" ? [] : [`bfd ${daemon.bfd}`]),
    `up ${since(daemon.started_at, nowEpochMs)}`,
  ];
  const lines = [facts.join("  ")];
  if (drift.last !== null) {
    lines.push(
      `drift repaired ${countOf(drift.repaired_total, "time")}, last ${since(drift.last.at, nowEpochMs)} ago: ${drift.last.what}`,
    );
  }
  if (daemon.data_plane_unavailable !== null) {
    lines.push(`data plane unavailable, the table is repaired when it returns: ${daemon.data_plane_unavailable}`);
  }
  if (daemon.reload_refused !== null) {
    const { at, reason } = daemon.reload_refused;
    lines.push(`reload refused ${since(at, nowEpochMs)} ago, the configuration before it is in force: ${reason}`);
  }
  return lines;
}

function virtualServer(server: VirtualServerStatus, nowEpochMs: number, paint: Paint): string[] {
  const { quorum } = server;
  const rate = server.rates === null ? "" : `  ${server.rates.connections} conn/s`;
  const title = [
    paint("bold", server.name),
    // A virtual server without a name of its own is called by its endpoint.
    ...(endpoint(server) === server.name ? [] : [endpoint(server)]),
    `${server.lvs_sched} ${server.lvs_method}`,
    paint(stateColour[server.state], server.state),
    `quorum ${quorum.weight_up}/${quorum.needed}${quorum.met ? "" : ` ${paint("red", "not met")}`}`,
    ...(server.panic?.active ? [paint("red", `panic ${server.panic.up} of ${server.panic.counted} up`)] : []),
  ];
  const head = ["REAL SERVER", "STATE", "WEIGHT", "ACTIVE", "INACTIVE", "CONN/S", "SINCE", "WHY"];
  const rows = server.real_servers.map((real) => realServer(real, nowEpochMs, paint));
  if (server.sorry_server !== null) rows.push(sorryServer(server.sorry_server));
  const table = textTable([head, ...rows], [2, 3, 4, 5]).map((line) => `  ${line}`);
  return [title.join("  ") + rate, ...table, ...server.refused.map((r) => `  ${paint("red", "refused")} ${r.cause}`)];
}

function realServer(real: RealServerStatus, nowEpochMs: number, paint: Paint): string[] {
  const weight =
    real.effective_weight === real.weight ? `${real.weight}` : `${real.effective_weight} of ${real.weight}`;
  return [
    socketText(real.address, real.port),
    paint(stateColour[real.state], real.state),
    weight,
    real.connections === null ? "-" : `${real.connections.active}`,
    real.connections === null ? "-" : `${real.connections.inactive}`,
    real.rates === null ? "-" : `${real.rates.connections}`,
    since(real.since, nowEpochMs),
    why(real, nowEpochMs),
  ];
}

/** The reason of the state; of one that is up what its checks last found, which says how fast it answers; and what operators said. */
function why({ state, reason, checks, overrides }: RealServerStatus, nowEpochMs: number): string {
  const found = checks.flatMap((check) => (check.reason === null ? [] : [`${check.type} ${check.reason}`]));
  // An operator's word says who gave it, and when; an agent's is a reason like any other.
  const isOrdered = (state === "drained" || state === "disabled") && overrides.length > 0;
  const facts = isOrdered ? [] : state === "up" && found.length > 0 ? found : [reason];
  return [...facts, ...overrides.map((each) => said(each, nowEpochMs))].join(", ");
}

function said({ next, ...override }: OverrideStatus, nowEpochMs: number): string {
  const { set_by, set_at, expires_at } = override;
  const end =
    expires_at === null ? "" : `, ends in ${formatDuration(Math.max(0, Date.parse(expires_at) - nowEpochMs))}`;
  const then = next === null ? "" : `, then ${overrideText(next)} by ${next.set_by}`;
  return `${overrideText(override)} by ${set_by} ${since(set_at, nowEpochMs)} ago${end}${then}`;
}

function sorryServer(sorry: NonNullable<VirtualServerStatus["sorry_server"]>): string[] {
  const state = sorry.in_service ? "sorry" : "standby";
  const why = sorry.in_service ? "sorry server: the quorum is not met" : "sorry server";
  return [socketText(sorry.address, sorry.port), state, "-", "-", "-", "-", "", why];
}

function endpoint(server: VirtualServerStatus): string {
  if (server.group !== null) {
    const protocol = server.protocol === null ? "" : `${server.protocol} `;
    return `${protocol}group ${server.group} (${countOf(server.services.length, "service")})`;
  }
  if (server.fwmark !== null) return `fwmark ${server.fwmark}`;
  return `${server.protocol} ${socketText(server.address ?? "?", server.port ?? 0)}`;
}

/** "192.0.2.1:80", "[2001:db8::1]:80". */
export function socketText(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

function since(time: string, nowEpochMs: number): string {
  return formatDuration(Math.max(0, nowEpochMs - Date.parse(time)));
}
