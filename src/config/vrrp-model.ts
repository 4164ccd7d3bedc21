import type { AddressFamily } from "ipvs-netlink";
import type { VirtualAddress, VirtualRoute, VirtualRule } from "./network-model.ts";
import type { BufferSize, ProcessSettings } from "./process-model.ts";

/**
 * The VRRP part of the Model: everything inherited and expanded, every name resolved or refused. Plain data, integer
 * milliseconds unless the name says otherwise, canonical addresses. What is null is switched off or left to the kernel.
 */
export interface VrrpModel {
  readonly globals: VrrpGlobals;
  /** Names are unique. */
  readonly instances: readonly VrrpInstance[];
  readonly syncGroups: readonly VrrpSyncGroup[];
  readonly scripts: readonly VrrpScript[];
  readonly trackFiles: readonly TrackFile[];
  readonly trackProcesses: readonly TrackProcess[];
  readonly trackGroups: readonly TrackGroup[];
  readonly garpGroups: readonly GarpGroup[];
  readonly staticAddresses: readonly VirtualAddress[];
  readonly staticRoutes: readonly VirtualRoute[];
  readonly staticRules: readonly VirtualRule[];
  readonly linkbeat: Linkbeat;
  readonly upDownDelays: readonly UpDownDelay[];
}

/** What of global_defs counts for VRRP as a whole; what instances have by default is in each of them. */
export interface VrrpGlobals {
  /** From the start of the program. */
  readonly startupDelayMs: number;
  /** From the boot of the machine. */
  readonly delayAfterBootMs: number;
  readonly logUnknownVrids: boolean;
  /** Least time between two announcements on an interface that is in no garp_group; 0 is none. */
  readonly garpIntervalUs: number;
  readonly gnaIntervalUs: number;
  readonly dynamicInterfaces: "no" | "yes" | "allow_if_changes";
  readonly disableLocalIgmp: boolean;
  readonly vmacPrefix: string;
  readonly vmacAddressPrefix: string;
  /** Null: the kernel's size. */
  readonly receiveBuffer: ReceiveBuffer | null;
  readonly firewall: Firewall;
  readonly process: ProcessSettings;
  /** Of the kernel's events about processes, for vrrp_track_process; null: our own size. */
  readonly processMonitorBuffer: BufferSize | null;
}

/** How large receive buffers of adverts are: so many packets of that size, or octets in all. */
export type ReceiveBuffer =
  | { readonly policy: "MTU" | "ADVERT"; readonly multiplier: number }
  | { readonly policy: "octets"; readonly octets: number };

/** The rules of no_accept and of VMACs: a table of nftables, also for vrrp_iptables. */
export interface Firewall {
  readonly table: string;
  readonly priority: number;
  readonly counters: boolean;
  /** Link-local addresses go by the index of their interface, not by its name. */
  readonly ifindex: boolean;
  /** Packets from the addresses are dropped, too, not only those to them. */
  readonly outbound: boolean;
}

export interface VrrpInstance {
  readonly name: string;
  readonly syncGroup: string | null;
  /** State to begin with. */
  readonly state: "MASTER" | "BACKUP";
  /** Null: unicast only, the routing table decides. The base interface when there is a VMAC. */
  readonly interface: string | null;
  /** Unicast without an interface. */
  readonly vrf: string | null;
  readonly family: AddressFamily;
  readonly version: 2 | 3;
  /** 1 to 255. */
  readonly virtualRouterId: number;
  /** 1 to 255; 255 owns the addresses. */
  readonly basePriority: number;
  readonly advertMs: number;
  /** Advert intervals until a silent master counts as gone. */
  readonly downTimerAdverts: number;
  readonly preempt: "always" | "never" | "on_failure";
  readonly preemptDelayMs: number;
  readonly strict: boolean;
  /** A master that is not the owner takes packets to its addresses. */
  readonly accept: boolean;
  readonly lowerPrioNoAdvert: boolean;
  readonly higherPrioSendAdvert: boolean;
  readonly ownerIgnoreAdverts: boolean;
  readonly skipCheckAdvAddr: boolean;
  /** A master that ran late becomes backup when another took over; null: it stays. */
  readonly timerExpiredBackup: TimerExpiredBackup | null;
  readonly transport: Transport;
  readonly checksum: Checksum;
  readonly authentication: Authentication | null;
  readonly hmac: Hmac | null;
  readonly kernelRxBufSize: number | null;
  readonly link: InstanceLink | null;
  /** All of one family; in adverts. In the order of the file. */
  readonly addresses: readonly VirtualAddress[];
  /** Not in adverts; of either family. */
  readonly excludedAddresses: readonly VirtualAddress[];
  readonly routes: readonly VirtualRoute[];
  readonly rules: readonly VirtualRule[];
  readonly promoteSecondaries: boolean;
  readonly garp: GarpSettings;
  /** Its own interface being down is a fault. */
  readonly trackPrimary: boolean;
  /** Its source address missing is a fault. */
  readonly trackSource: boolean;
  readonly tracks: Tracks;
  readonly notify: InstanceNotify;
}

/** The best priority that other routers have; null when it was not given. */
export interface TimerExpiredBackup {
  readonly bestPriority: number | null;
}

/** Where adverts go. */
export type Transport =
  | {
      readonly kind: "multicast";
      readonly group: string;
      /** Null: the first address of the interface. */
      readonly source: string | null;
    }
  | {
      readonly kind: "unicast";
      readonly source: string | null;
      /** May be empty: then the instance is in the fault state. */
      readonly peers: readonly UnicastPeer[];
      readonly ttl: number;
      /** Adverts count only from peers. */
      readonly checkSource: boolean;
    };

export interface UnicastPeer {
  readonly address: string;
  /** Packets with a TTL or hop limit outside of these are dropped; 0 and 255 let all through. */
  readonly minTtl: number;
  readonly maxTtl: number;
}

export interface Checksum {
  /** Version 3 over IPv4 without the pseudo header. */
  readonly v3AsV2: boolean;
  /** The checksum that keepalived 1.3.6 made of unicast adverts; auto: when a peer is seen to make it. */
  readonly oldUnicast: "auto" | "always" | "never";
}

/** Version 2 only (RFC 2338). The password is cut to its first eight octets. */
export interface Authentication {
  readonly type: "PASS" | "AH";
  readonly password: string;
}

export interface Hmac {
  /** Each id once. The key as written: text, `hex:` and digits, or `file:` and a path. */
  readonly keys: readonly { readonly id: number; readonly key: string }[];
  readonly activeKey: number;
  readonly mode: "enforce" | "permissive" | "receive-only";
  readonly antiReplay: "time" | "monotonic";
  readonly timeWindowMs: number;
}

/** An interface of its own for the addresses. */
export type InstanceLink =
  | {
      readonly kind: "vmac";
      /** Null: vmacPrefix and the VRID. */
      readonly interface: string | null;
      /** Six octets; null: that of RFC 9568 section 7.3. */
      readonly mac: string | null;
      /** Adverts are sent and received on the interface below. */
      readonly xmitBase: boolean;
    }
  | {
      readonly kind: "ipvlan";
      readonly interface: string | null;
      readonly address: string | null;
      readonly prefixLength: number | null;
      readonly mode: "bridge" | "private" | "vepa";
    };

/** Gratuitous ARP and unsolicited neighbour advertisements. Repeats are at least 1. */
export interface GarpSettings {
  /** From becoming master to the second round; 0: no second round. */
  readonly masterDelayMs: number;
  readonly masterRepeat: number;
  /** 0: never again. */
  readonly masterRefreshMs: number;
  readonly masterRefreshRepeat: number;
  readonly lowerPrioDelayMs: number;
  /** 0: inferior adverts are no reason to announce. */
  readonly lowerPrioRepeat: number;
  /** On interfaces that have addresses and no adverts. */
  readonly extraInterfaces: { readonly everyMs: number; readonly all: boolean } | null;
}

/** What an instance or a group watches; the weights are those in force. */
export interface Tracks {
  readonly interfaces: readonly Track[];
  readonly scripts: readonly Track[];
  readonly files: readonly Track[];
  readonly processes: readonly Track[];
  readonly bfds: readonly Track[];
  /** Ours: names of virtual servers, up while their quorum is met. */
  readonly virtualServers: readonly Track[];
}

export interface Track {
  readonly name: string;
  /** 0: being bad is a fault. Of a file: what its number is multiplied with. */
  readonly weight: number;
  readonly reverse: boolean;
}

export interface Notify {
  readonly master: ScriptCommand | null;
  readonly backup: ScriptCommand | null;
  readonly fault: ScriptCommand | null;
  readonly stop: ScriptCommand | null;
  readonly any: ScriptCommand | null;
  readonly priorityChanges: boolean;
  readonly smtpAlert: boolean;
}

export interface InstanceNotify extends Notify {
  /** When a reload drops the instance: null tells FAULT; otherwise DELETED is told, and the script run if there is one. */
  readonly deleted: { readonly script: ScriptCommand | null } | null;
  readonly masterRxLowerPri: ScriptCommand | null;
}

/** A command line as written; it is split when it is run. */
export interface ScriptCommand {
  readonly command: string;
  /** Null: script_user, or what stands in for it. */
  readonly user: string | null;
  /** Null: the group of the user. */
  readonly group: string | null;
}

export interface VrrpSyncGroup {
  readonly name: string;
  /** Names of instances, each in one group only. */
  readonly members: readonly string[];
  readonly tracks: Tracks;
  /** Members keep weights of their own. */
  readonly trackingWeight: boolean;
  readonly notify: Notify;
}

export interface VrrpScript extends ScriptCommand {
  readonly name: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly rise: number;
  readonly fall: number;
  readonly initFail: boolean;
  /** For those who track it without a weight of their own. */
  readonly weight: number;
  readonly reverse: boolean;
}

export interface TrackFile {
  readonly name: string;
  readonly file: string;
  readonly weight: number;
  readonly reverse: boolean;
  /** Written at the start when the file is missing, or always. */
  readonly init: { readonly value: number; readonly overwrite: boolean } | null;
}

export interface TrackProcess {
  readonly name: string;
  /** Its name or path, then its arguments. */
  readonly process: readonly string[];
  readonly parameters: "ignored" | "exact" | "initial" | "partial";
  readonly fullCommand: boolean;
  readonly weight: number;
  readonly reverse: boolean;
  readonly quorum: number;
  /** Null: no limit. */
  readonly quorumMax: number | null;
  readonly forkDelayMs: number;
  readonly terminateDelayMs: number;
}

/** Instances for which a lost static address, route or rule is a fault. */
export interface TrackGroup {
  readonly name: string;
  readonly members: readonly string[];
}

/** Interfaces that share the least time between two announcements. */
export interface GarpGroup {
  readonly interfaces: readonly string[];
  readonly garpIntervalUs: number;
  readonly gnaIntervalUs: number;
}

/** Interfaces whose link is asked for; null is whatever works. */
export interface Linkbeat {
  /** Every interface is. */
  readonly all: boolean;
  readonly interfaces: readonly { readonly interface: string; readonly method: "MII" | "ETHTOOL" | "IOCTL" | null }[];
}

/** How long an interface must be down or up until it counts as such. */
export interface UpDownDelay {
  readonly interface: string;
  readonly downMs: number;
  readonly upMs: number;
}
