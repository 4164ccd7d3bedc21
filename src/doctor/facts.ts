import type { AddressFamily } from "ipvs-netlink";

/** What was found out, or why it could not be. */
export type Known<T> = { readonly known: true; readonly value: T } | { readonly known: false; readonly why: string };

/** What the judges know of this machine and its network: plain data, collected before. */
export interface Facts {
  readonly kernelRelease: string;
  readonly modules: Readonly<Record<string, ModuleState>>;
  /** By path below /proc/sys; null: there is no such file; absent: it could not be read. */
  readonly sysctls: Readonly<Record<string, string | null>>;
  readonly process: ProcessFacts;
  readonly clock: Known<ClockFacts>;
  readonly links: Known<readonly LinkFacts[]>;
  readonly addresses: Known<readonly AddressFacts[]>;
  readonly controllers: Known<readonly ControllerFacts[]>;
  /** What nft has, as `nft -j list ruleset` prints it; null: the kernel has no rules at all. */
  readonly ruleset: Known<unknown>;
  /** Rules of iptables-legacy, which nft does not show, are there. */
  readonly legacyTables: boolean;
  readonly hasNft: boolean;
  /** The lbctl that runs here; null: none answers. */
  readonly daemon: DaemonFacts | null;
  /** For so long one was waited for that takes connections and does not answer; null: there is none such. */
  readonly silentS: number | null;
  readonly wire: Known<WireFacts>;
  /** By `endpointText`; absent: it was not tried. */
  readonly reach: Readonly<Record<string, Reach>>;
}

/** `unknown`: this system does not say what modules its kernel has. */
export type ModuleState = "loaded" | "built-in" | "loadable" | "missing" | "unknown";

/** Of the daemon that runs, or of the doctor itself, who would be its like. */
export interface ProcessFacts {
  readonly pid: number;
  readonly of: "daemon" | "doctor";
  /** What asks the doctor the same again. */
  readonly doctorCommand: string;
  readonly capabilities: Known<readonly string[]>;
  /** The checker process of the daemon; null: there is none. */
  readonly prober: number | null;
  /** RLIMIT_NOFILE of who probes, the hard one: Node raises the other to it. */
  readonly descriptors: Known<number>;
  /** Null: none confines it. */
  readonly confinement: Known<ConfinementFacts | null>;
}

/** Profile of AppArmor or context of SELinux; not enforced: what it does not allow is logged, and done. */
export interface ConfinementFacts {
  readonly context: string;
  readonly enforced: boolean;
}

export interface ClockFacts {
  readonly synchronised: boolean;
  /** A chronyd runs that does not set the clock (-x). */
  readonly observer: boolean;
}

export interface LinkFacts {
  readonly name: string;
  readonly index: number;
  readonly up: boolean;
  /** Carrier. */
  readonly lowerUp: boolean;
  readonly mtu: number;
  readonly mac: string | null;
  readonly loopback: boolean;
  readonly multicast: boolean;
  readonly noArp: boolean;
  readonly manager: ManagerFacts | null;
}

/** Who else configures an interface, and would take addresses away that it does not know. */
export type ManagerFacts =
  | { readonly kind: "systemd-networkd"; readonly file: string | null; readonly keepsConfiguration: boolean }
  | { readonly kind: "NetworkManager" };

export interface AddressFacts {
  readonly interface: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly tentative: boolean;
  readonly dadFailed: boolean;
}

/** A program that writes the IPVS table or virtual addresses, in this network namespace or perhaps so. */
export interface ControllerFacts {
  readonly kind: "keepalived" | "ldirectord" | "kube-proxy" | "kube-router" | "lbctl" | "pulse" | "seesaw";
  readonly pid: number;
  /** Null: it could not be seen. */
  readonly sameNamespace: boolean | null;
  /** By SIGSTOP. */
  readonly isStopped: boolean;
  /** Unit of systemd that it belongs to. */
  readonly unit: string | null;
  readonly commandLine: string;
}

export interface DaemonFacts {
  readonly pid: number;
  /** Absolute path. */
  readonly configFile: string;
  /** Of -i; undefined: not given. */
  readonly configId: string | undefined;
  readonly dataPlane: "ipvs" | "userspace";
  /** State by name of instance. */
  readonly instances: Readonly<Record<string, { readonly state: string; readonly master: string | null }>>;
}

export interface WireFacts {
  /** How long was listened. */
  readonly listenedMs: number;
  readonly heard: readonly HeardRouter[];
  /** Interfaces on which adverts could not be heard; null: any. */
  readonly deaf: readonly (string | null)[];
  /** Why some could not be listened to or asked, each a sentence. */
  readonly problems: readonly string[];
  readonly holders: readonly AddressHolders[];
}

/** What one router says of one virtual router; the last advert counts. */
export interface HeardRouter {
  readonly family: AddressFamily;
  /** Null: on any interface (unicast without one). */
  readonly interface: string | null;
  readonly virtualRouterId: number;
  readonly version: number;
  readonly priority: number;
  readonly advertMs: number;
  readonly addresses: readonly string[];
  readonly source: string;
  readonly destination: string;
  readonly authentication: "none" | "PASS" | "AH";
}

/** Who answers for an address on a link. */
export interface AddressHolders {
  readonly interface: string;
  readonly address: string;
  /** MAC addresses, not our own. */
  readonly macs: readonly string[];
}

export type Reach =
  | { readonly kind: "answered"; readonly latencyMs: number }
  /** The host answers, and says that nobody listens. */
  | { readonly kind: "refused"; readonly latencyMs: number }
  | { readonly kind: "silent"; readonly waitedMs: number }
  | { readonly kind: "unreachable"; readonly errno: string };
