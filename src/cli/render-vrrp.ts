import { formatDuration } from "@lbctl/checkers";
import type { VrrpInstanceStatus } from "../control/status-document.ts";
import type { Paint } from "./style.ts";
import { textTable } from "./text-table.ts";

const stateColour = {
  master: "green",
  backup: "plain",
  initialize: "yellow",
  leaving: "yellow",
  fault: "red",
  stopped: "dim",
} as const;

/** VRRP instances as lines for people: a table, then what is wrong with one. */
export function renderInstances(instances: readonly VrrpInstanceStatus[], nowEpochMs: number, paint: Paint): string[] {
  if (instances.length === 0) return [];
  const head = ["VRRP INSTANCE", "STATE", "INTERFACE", "VRID", "PRIORITY", "MASTER", "SINCE", "WHY"];
  const rows = instances.map((instance) => row(instance, nowEpochMs, paint));
  return [...textTable([head, ...rows], [3]), ...instances.flatMap((instance) => missing(instance, paint))];
}

function row(instance: VrrpInstanceStatus, nowEpochMs: number, paint: Paint): string[] {
  const { state, master } = instance;
  const colour = stateColour[state];
  return [
    instance.sync_group === null ? instance.name : `${instance.name} (${instance.sync_group})`,
    colour === "plain" ? state : paint(colour, state),
    instance.interface ?? "-",
    `${instance.virtual_router_id}`,
    priority(instance),
    master === null ? "-" : state === "master" ? "itself" : `${master.address} (${master.priority})`,
    formatDuration(Math.max(0, nowEpochMs - Date.parse(instance.since))),
    instance.reason,
  ];
}

/** "96 = 101 - 5 (script chk_nginx)". */
function priority({ priority: now, base_priority: base, contributions }: VrrpInstanceStatus): string {
  const active = contributions.filter(({ active }) => active);
  if (active.length === 0) return `${now}`;
  const sum = active.map(({ source, weight }) => `${weight < 0 ? "-" : "+"} ${Math.abs(weight)} (${source})`);
  return `${now} = ${base} ${sum.join(" ")}`;
}

/** A master without one of its addresses. */
function missing({ name, state, addresses }: VrrpInstanceStatus, paint: Paint): string[] {
  if (state !== "master") return [];
  return addresses
    .filter(({ present }) => !present)
    .map(({ address }) => `  ${paint("red", "missing")} ${name}: ${address}`);
}
