import type { VirtualAddress } from "../config/network-model.ts";
import type { TrackProcess, VrrpInstance, VrrpModel } from "../config/vrrp-model.ts";
import type { InstanceView } from "../vrrp/process/instance-view.ts";

/** How many processes a vrrp_track_process counts now, and whether that is enough. */
export interface CountedProcesses {
  readonly name: string;
  readonly count: number;
  readonly isEnough: boolean;
  /** A fork_delay or a terminate_delay runs. */
  readonly delay: "fork" | "terminate" | null;
}

/**
 * What keepalived writes at its JSON signal, for those who read that today: with json_version 1 a list of instances, with 2 an
 * object of lists. Keys and numbers are keepalived's, seen from 2.2.7. Passwords are left out. Pure.
 */
export function keepalivedJson(
  version: 1 | 2,
  model: VrrpModel,
  views: readonly InstanceView[],
  counted: readonly CountedProcesses[],
): unknown {
  const byName = new Map(views.map((view) => [view.name, view]));
  const instances = model.instances.map((instance) => {
    const view = byName.get(instance.name);
    return { data: dataOf(instance, view, model.globals.vmacPrefix), stats: statsOf(view) };
  });
  if (version === 1) return instances;
  const counts = new Map(counted.map((each) => [each.name, each]));
  return {
    vrrp: instances,
    track_process: model.trackProcesses.map((each) => trackProcess(each, counts.get(each.name))),
  };
}

/** VRRP_STATE_*: those that have no number there are on the way to one that has. */
export const stateNumber = { initialize: 0, backup: 1, master: 2, leaving: 1, fault: 3, stopped: 0 } as const;

function dataOf(instance: VrrpInstance, view: InstanceView | undefined, vmacPrefix: string): object {
  const { garp, link, notify, transport, authentication } = instance;
  const vmac = link?.kind === "vmac" ? (link.interface ?? `${vmacPrefix}.${instance.virtualRouterId}`) : "";
  const state = stateNumber[view?.state ?? "initialize"];
  const present = new Set(
    (view?.addresses ?? []).filter((each) => each.present).map(({ object }) => addressIn(object)),
  );
  const seconds = (ms: number) => ms / 1000;
  const vips = (list: readonly VirtualAddress[]) => list.map((each) => vipText(each, vmac, present));
  const scripts = {
    script_backup: notify.backup,
    script_master: notify.master,
    script_fault: notify.fault,
    script_stop: notify.stop,
    script_deleted: notify.deleted?.script ?? null,
    script: notify.any,
    script_master_rx_lower_pri: notify.masterRxLowerPri,
  };
  const lists = {
    vips: vips(instance.addresses),
    evips: vips(instance.excludedAddresses),
    track_ifp: instance.tracks.interfaces.map(({ name }) => name),
    track_script: instance.tracks.scripts.map(({ name }) => name),
    track_file: instance.tracks.files.map(({ name }) => name),
    track_process: instance.tracks.processes.map(({ name }) => name),
  };
  return {
    iname: instance.name,
    dont_track_primary: Number(!instance.trackPrimary),
    skip_check_adv_addr: Number(instance.skipCheckAdvAddr),
    strict_mode: Number(instance.strict),
    vmac_ifname: vmac,
    ifp_ifname: vmac === "" ? (instance.interface ?? "") : vmac,
    master_priority: view?.state === "master" ? 0 : (view?.master?.priority ?? 0),
    last_transition: seconds(view?.sinceEpochMs ?? 0),
    garp_delay: seconds(garp.masterDelayMs),
    garp_refresh: seconds(garp.masterRefreshMs),
    garp_rep: garp.masterRepeat,
    garp_refresh_rep: garp.masterRefreshRepeat,
    garp_lower_prio_delay: seconds(garp.lowerPrioDelayMs),
    garp_lower_prio_rep: garp.lowerPrioRepeat,
    lower_prio_no_advert: Number(instance.lowerPrioNoAdvert),
    higher_prio_send_advert: Number(instance.higherPrioSendAdvert),
    vrid: instance.virtualRouterId,
    base_priority: instance.basePriority,
    effective_priority: view?.priority ?? instance.basePriority,
    vipset: instance.addresses.length > 0 && instance.addresses.every(({ address }) => present.has(address)),
    promote_secondaries: instance.promoteSecondaries,
    adver_int: seconds(instance.advertMs),
    master_adver_int: seconds(instance.advertMs),
    accept: Number(instance.accept),
    nopreempt: instance.preempt !== "always",
    preempt_delay: seconds(instance.preemptDelayMs),
    state,
    wantstate: state,
    version: instance.version,
    smtp_alert: notify.smtpAlert,
    notify_deleted: notify.deleted !== null,
    ...Object.fromEntries(Object.entries(scripts).flatMap(([key, each]) => (each ? [[key, each.command]] : []))),
    ...(transport.kind === "unicast" ? { unicast_peers: transport.peers.map(({ address }) => address) } : {}),
    ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)),
    auth_type: authentication === null ? 0 : authentication.type === "PASS" ? 1 : 2,
  };
}

function statsOf(view: InstanceView | undefined): object {
  const counters = view?.counters;
  return {
    advert_rcvd: counters?.advertisementsReceived ?? 0,
    advert_sent: counters?.advertisementsSent ?? 0,
    become_master: counters?.becomeMaster ?? 0,
    release_master: counters?.releaseMaster ?? 0,
    packet_len_err: counters?.packetLengthErrors ?? 0,
    advert_interval_err: counters?.advertisementsIntervalErrors ?? 0,
    ip_ttl_err: counters?.ipTtlErrors ?? 0,
    invalid_type_rcvd: counters?.invalidTypeReceived ?? 0,
    addr_list_err: counters?.addressListErrors ?? 0,
    invalid_authtype: counters?.authenticationInvalid ?? 0,
    authtype_mismatch: counters?.authenticationMismatch ?? 0,
    auth_failure: counters?.authenticationFailure ?? 0,
    pri_zero_rcvd: counters?.priorityZeroReceived ?? 0,
    pri_zero_sent: counters?.priorityZeroSent ?? 0,
  };
}

/** RT_SCOPE_* (linux/rtnetlink.h). */
const scopeNames: Readonly<Record<number, string>> = {
  0: "global",
  200: "site",
  253: "link",
  254: "host",
  255: "nowhere",
};

/** "192.0.2.100/24 dev eth0 scope global label eth0:1 set". */
function vipText(
  { address, prefixLength, interface: on, placement, scope, label }: VirtualAddress,
  vmac: string,
  present: ReadonlySet<string>,
): string {
  const dev = placement === "instance-vmac" && vmac !== "" ? `${vmac}@${on}` : on;
  const parts = [`${address}/${prefixLength} dev ${dev} scope ${scopeNames[scope] ?? scope}`];
  if (label !== null) parts.push(`label ${label}`);
  if (present.has(address)) parts.push("set");
  return parts.join(" ");
}

/** Of the text of an object: "address 192.0.2.100/24 dev eth0". */
function addressIn(object: string): string {
  return /^address ([^ /]+)/.exec(object)?.[1] ?? object;
}

function trackProcess(settings: TrackProcess, counted: CountedProcesses | undefined): object {
  return {
    process: settings.name,
    param_match: settings.parameters === "ignored" ? "none" : settings.parameters,
    min_processes: settings.quorum,
    current_processes: counted?.count ?? 0,
    have_quorum: counted?.isEnough ?? false,
    weight: settings.weight,
    terminate_delay: settings.terminateDelayMs / 1000,
    fork_delay: settings.forkDelayMs / 1000,
    fork_delay_timer_running: counted?.delay === "fork",
    terminate_delay_timer_running: counted?.delay === "terminate",
    full_command: settings.fullCommand,
  };
}
