import { formatAddress } from "../address.ts";
import { addressOctets, invalid, MAX_U16, MAX_U32, present, shortName, whole } from "../checks.ts";
import { AF_INET, AF_INET6 } from "../netlink/constants.ts";
import {
  type AddressFamily,
  type Persistence,
  type Protocol,
  type SchedulerFlag,
  type Service,
  type ServiceKey,
  serviceFamily,
} from "../table.ts";
import type { ServiceAttributes } from "./attributes.ts";
import * as k from "./constants.ts";
import { fullPrefixLength, netmaskOfPrefix, prefixOfNetmask } from "./netmask.ts";

/** IPPROTO_* of netinet/in.h. */
const PROTOCOL_NUMBERS: Record<Protocol, number> = { TCP: 6, UDP: 17, SCTP: 132 };
const PROTOCOLS = Object.entries(PROTOCOL_NUMBERS) as [Protocol, number][];

const SCHEDULER_FLAGS: readonly (readonly [SchedulerFlag, number])[] = [
  ["flag-1", k.IP_VS_SVC_F_SCHED1],
  ["flag-2", k.IP_VS_SVC_F_SCHED2],
  ["flag-3", k.IP_VS_SVC_F_SCHED3],
];

/** Every flag that is ours to set; HASHED is the kernel's. */
const SETTABLE_FLAGS =
  k.IP_VS_SVC_F_PERSISTENT |
  k.IP_VS_SVC_F_ONEPACKET |
  k.IP_VS_SVC_F_SCHED1 |
  k.IP_VS_SVC_F_SCHED2 |
  k.IP_VS_SVC_F_SCHED3;

export function familyNumber(family: AddressFamily): number {
  return family === "inet" ? AF_INET : AF_INET6;
}

/** Throws NetlinkError `malformed` for another number. */
export function familyOfNumber(family: number | undefined): AddressFamily {
  if (family === AF_INET) return "inet";
  return present("known address family", family === AF_INET6 ? "inet6" : undefined);
}

/** The attributes that identify a service. Throws NetlinkError `invalid`. */
export function encodeServiceKey(key: ServiceKey): ServiceAttributes {
  const family = familyNumber(serviceFamily(key));
  if (key.kind === "fwmark") return { family, fwmark: whole("fwmark", key.fwmark, 1, MAX_U32) };
  const protocol = PROTOCOL_NUMBERS[key.protocol];
  if (protocol === undefined) throw invalid(`protocol ${key.protocol} is none of TCP, UDP, SCTP`);
  return { family, protocol, address: addressOctets(key.address), port: whole("port", key.port, 0, MAX_U16) };
}

/** A whole service, as NEW_SERVICE and SET_SERVICE need it. Throws NetlinkError `invalid`. */
export function encodeService(service: Service): ServiceAttributes {
  const { persistence, onePacket } = service;
  const family = serviceFamily(service.key);
  let flags = 0;
  if (persistence) flags |= k.IP_VS_SVC_F_PERSISTENT;
  if (onePacket) flags |= k.IP_VS_SVC_F_ONEPACKET;
  for (const [name, bit] of SCHEDULER_FLAGS) if (service.schedulerFlags.includes(name)) flags |= bit;
  return {
    ...encodeServiceKey(service.key),
    scheduler: shortName("scheduler", service.scheduler, k.IP_VS_SCHEDNAME_MAXLEN),
    flags: { flags, mask: SETTABLE_FLAGS },
    timeoutS: persistence ? whole("persistence timeout", persistence.timeoutS, 1, MAX_U32) : 0,
    netmask: netmaskOfPrefix(family, persistence?.prefixLength ?? fullPrefixLength(family)),
    engine: persistence?.engine == null ? undefined : shortName("engine", persistence.engine, k.IP_VS_PENAME_MAXLEN),
  };
}

/** Null for a protocol that has no name here; the kernel takes any number. Throws NetlinkError `malformed`. */
export function decodeServiceKey(attributes: ServiceAttributes): ServiceKey | null {
  const family = familyOfNumber(attributes.family);
  if (attributes.fwmark) return { kind: "fwmark", family, fwmark: attributes.fwmark };
  const protocol = PROTOCOLS.find(([, number]) => number === attributes.protocol)?.[0];
  if (protocol === undefined) return null;
  const address = formatAddress(family, present("service address", attributes.address));
  return { kind: "address", protocol, address, port: present("service port", attributes.port) };
}

/** Null as in decodeServiceKey. Throws NetlinkError `malformed`. */
export function decodeService(attributes: ServiceAttributes): Service | null {
  const key = decodeServiceKey(attributes);
  if (key === null) return null;
  const { flags } = present("service flags", attributes.flags);
  return {
    key,
    scheduler: present("scheduler", attributes.scheduler),
    schedulerFlags: SCHEDULER_FLAGS.filter(([, bit]) => flags & bit).map(([name]) => name),
    persistence: flags & k.IP_VS_SVC_F_PERSISTENT ? decodePersistence(serviceFamily(key), attributes) : null,
    onePacket: (flags & k.IP_VS_SVC_F_ONEPACKET) !== 0,
  };
}

function decodePersistence(family: AddressFamily, attributes: ServiceAttributes): Persistence {
  return {
    timeoutS: present("persistence timeout", attributes.timeoutS),
    prefixLength: prefixOfNetmask(family, present("netmask", attributes.netmask)),
    engine: attributes.engine || null,
  };
}
