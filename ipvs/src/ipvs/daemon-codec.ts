import { formatAddress } from "../address.ts";
import { addressOctets, MAX_U16, present, shortName, whole } from "../checks.ts";
import { addressFamily } from "../table.ts";
import type { DaemonAttributes } from "./attributes.ts";
import * as k from "./constants.ts";

export type DaemonRole = "master" | "backup";

/** What a sync daemon is started with; what is left out is the kernel's choice (group 224.0.0.81, port 8848, TTL 1). */
export interface DaemonSettings {
  readonly role: DaemonRole;
  readonly interface: string;
  /** 0 to 255; a backup takes the messages of its own id, or of all with 0. */
  readonly syncId: number;
  /** Longest UDP payload in octets; default from the interface's MTU. */
  readonly maxLength?: number;
  readonly multicastGroup?: string;
  readonly multicastPort?: number;
  readonly multicastTtl?: number;
}

/** A running sync daemon. */
export type Daemon = Required<DaemonSettings>;

const STATES: Record<DaemonRole, number> = { master: k.IP_VS_STATE_MASTER, backup: k.IP_VS_STATE_BACKUP };

export function encodeDaemonRole(role: DaemonRole): DaemonAttributes {
  return { state: STATES[role] };
}

/** Throws NetlinkError `invalid`. */
export function encodeDaemon(settings: DaemonSettings): DaemonAttributes {
  const { maxLength, multicastGroup, multicastPort, multicastTtl } = settings;
  return {
    ...encodeDaemonRole(settings.role),
    interface: shortName("interface", settings.interface, k.IP_VS_IFNAME_MAXLEN),
    syncId: whole("sync id", settings.syncId, 0, 255),
    maxLength: maxLength === undefined ? undefined : whole("maximum length", maxLength, 1, MAX_U16),
    ...(multicastGroup === undefined ? {} : encodeGroup(multicastGroup)),
    port: multicastPort === undefined ? undefined : whole("multicast port", multicastPort, 1, MAX_U16),
    ttl: multicastTtl === undefined ? undefined : whole("multicast TTL", multicastTtl, 1, 255),
  };
}

function encodeGroup(text: string): DaemonAttributes {
  const octets = addressOctets(text);
  return addressFamily(text) === "inet" ? { group: octets.subarray(0, 4) } : { group6: octets };
}

/** Throws NetlinkError `malformed`. */
export function decodeDaemon(attributes: DaemonAttributes): Daemon {
  return {
    role: present("daemon state", attributes.state) === STATES.master ? "master" : "backup",
    interface: present("daemon interface", attributes.interface),
    syncId: present("sync id", attributes.syncId),
    maxLength: attributes.maxLength ?? 0,
    multicastGroup: attributes.group6
      ? formatAddress("inet6", attributes.group6)
      : formatAddress("inet", present("multicast group", attributes.group)),
    multicastPort: attributes.port ?? 0,
    multicastTtl: attributes.ttl ?? 0,
  };
}
