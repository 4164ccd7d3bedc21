import type { Destination, Persistence, Service, Tunnel } from "ipvs-netlink";

/** One setting of a service or a destination: its keyword, and its value as text. */
type Setting = readonly [name: string, value: string];

const unset = "none";

/** "weight 3, method NAT": the settings of an object, without those that are not set. */
export function describeSettings(object: Service | Destination): string {
  return settingsOf(object)
    .filter(([, value]) => value !== unset)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}

/** A setting in which two states of one object differ. */
export interface Difference {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

/** Every setting in which two states of one object differ. */
export function differences(from: Service | Destination, to: Service | Destination): Difference[] {
  const values = new Map(settingsOf(to));
  return settingsOf(from).flatMap(([name, value]) => {
    const other = values.get(name) ?? unset;
    return value === other ? [] : [{ name, from: value, to: other }];
  });
}

function settingsOf(object: Service | Destination): readonly Setting[] {
  return "scheduler" in object ? serviceSettings(object) : destinationSettings(object);
}

function serviceSettings({ scheduler, schedulerFlags, persistence, onePacket }: Service): readonly Setting[] {
  return [
    ["scheduler", scheduler],
    ["flags", schedulerFlags.length === 0 ? unset : schedulerFlags.toSorted().join(" ")],
    ["persistence", persistence === null ? unset : describePersistence(persistence)],
    ["ops", onePacket ? "yes" : unset],
  ];
}

function destinationSettings(destination: Destination): readonly Setting[] {
  const { method, weight, upperThreshold, lowerThreshold, tunnel } = destination;
  return [
    ["weight", `${weight}`],
    ["method", method],
    ["uthreshold", upperThreshold === 0 ? unset : `${upperThreshold}`],
    ["lthreshold", lowerThreshold === 0 ? unset : `${lowerThreshold}`],
    ["tunnel", method !== "TUN" ? unset : tunnel === null ? "ipip" : describeTunnel(tunnel)],
  ];
}

function describePersistence({ timeoutS, prefixLength, engine }: Persistence): string {
  return [`${timeoutS} s`, `/${prefixLength}`, ...(engine === null ? [] : [engine])].join(" ");
}

function describeTunnel({ type, port, checksum }: Tunnel): string {
  return [type, ...(port === 0 ? [] : [`port ${port}`]), ...(checksum === "none" ? [] : [checksum])].join(" ");
}
