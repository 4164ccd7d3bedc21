import {
  type AddressKey,
  addressFamily,
  canonicalAddress,
  formatAddress,
  type Network,
  type Nexthop,
  parseAddress,
  type Route,
  type Rule,
} from "ipvs-netlink";

/** Name of an interface by its index, or the index as text where there is none. */
export type NameOf = (index: number) => string;

/**
 * "address 192.0.2.10/24 dev eth0". IPv4 addresses differ by prefix and peer too; of IPv6 an interface has each address
 * once, whatever its prefix.
 */
export function addressIdentity({ interface: index, address, prefixLength, peer }: AddressKey, nameOf: NameOf): string {
  const precise = addressFamily(address) === "inet" ? `/${prefixLength}${peer === null ? "" : ` peer ${peer}`}` : "";
  return `address ${address}${precise} dev ${nameOf(index)}`;
}

/**
 * Everything about a route but what changes by itself (expiry). A gateway names the interface where the kernel chose it, unless it
 * is link-local: there the interface says which.
 */
export function routeIdentity(route: Route, nameOf: NameOf): string {
  const { type, family, destination, from, source, tos, table, protocol, scope, metric, preference, ttlPropagate } =
    route;
  const words = [`route ${family} ${type} ${network(destination)}`];
  if (from) words.push(`from ${network(from)}`);
  if (source) words.push(`src ${source}`);
  words.push(`table ${table} proto ${protocol} scope ${scope} metric ${metric} tos ${tos}`);
  for (const hop of route.nexthops) words.push(nexthop(hop, nameOf));
  for (const [name, value] of Object.entries(route.metrics).sort(([one], [other]) => (one < other ? -1 : 1))) {
    if (value) words.push(`${name} ${value.locked ? "lock " : ""}${value.value}`);
  }
  if (route.congestionControl) words.push(`congctl ${route.congestionControl.name}`);
  if (route.realms) words.push(`realms ${route.realms.from}/${route.realms.to}`);
  if (preference !== null && preference !== "medium") words.push(`pref ${preference}`);
  if (ttlPropagate !== null) words.push(`ttl-propagate ${ttlPropagate}`);
  return words.join(" ");
}

/** The protocol in the identity of a route; null for anything else. */
export function protocolOfIdentity(text: string): number | null {
  const found = /^route .* proto (\d+) scope /.exec(text);
  return found === null ? null : Number(found[1]);
}

function nexthop({ via, interface: index, weight, onlink, realms }: Nexthop, nameOf: NameOf): string {
  const words = ["nexthop"];
  if (via !== null) words.push(`via ${via}`);
  if (index !== null && (via === null || via.startsWith("fe80:"))) words.push(`dev ${nameOf(index)}`);
  words.push(`weight ${weight}`);
  if (onlink) words.push("onlink");
  if (realms) words.push(`realms ${realms.from}/${realms.to}`);
  return words.join(" ");
}

/** Everything about a rule. */
export function ruleIdentity(rule: Rule): string {
  const { family, priority, action, ...conditions } = rule;
  const set = Object.entries(conditions)
    .filter(([, value]) => value !== null && value !== false && value !== 0)
    .map(([name, value]) => `${name} ${typeof value === "object" ? Object.values(value ?? {}).join("/") : value}`);
  return [`rule ${family} priority ${priority}`, ...set, Object.values(action).join(" ")].join(" ");
}

function network({ address, prefixLength }: Network): string {
  return prefixLength === 0 ? "default" : `${address}/${prefixLength}`;
}

/** The network that an address with a prefix lies in: the kernel refuses or cuts off what is beyond the prefix. */
export function networkOf({ address, prefixLength }: Network): Network {
  const octets = parseAddress(address);
  const canonical = canonicalAddress(address);
  if (octets === null || canonical === null) return { address, prefixLength };
  const cut = octets.map((octet, index) => octet & (0xff00 >> Math.min(8, Math.max(0, prefixLength - 8 * index))));
  return { address: formatAddress(addressFamily(canonical), cut), prefixLength };
}
