import type { InstanceView } from "../vrrp/process/instance-view.ts";
import type { VrrpInstanceStatus } from "./status-document.ts";

/** One VRRP instance in the status document. Pure. */
export function vrrpInstanceStatus(view: InstanceView): VrrpInstanceStatus {
  const { counters, master } = view;
  return {
    name: view.name,
    state: view.state,
    since: time(view.sinceEpochMs),
    reason: view.reason,
    interface: view.interface,
    family: view.family,
    version: view.version,
    virtual_router_id: view.virtualRouterId,
    sync_group: view.syncGroup,
    priority: view.priority,
    base_priority: view.basePriority,
    contributions: view.contributions.map(({ source, adds, weight, active }) => ({
      source: `${source.kind} ${source.name}`,
      weight: active ? adds : weight,
      active,
    })),
    master: master && { address: master.address, priority: master.priority, seen_at: time(master.sinceEpochMs) },
    addresses: view.addresses.map(({ object, present }) => ({ address: object, present })),
    counters: Object.fromEntries(Object.entries(counters).map(([name, count]) => [snakeCase(name), count])),
  };
}

export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function time(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
