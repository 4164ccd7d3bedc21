import { networkContains } from "../../net/network.ts";
import type { AddressFacts, Facts, LinkFacts } from "../facts.ts";
import { type Finding, findingsOf } from "../finding.ts";
import type { Needs, ValidConfig } from "../needs.ts";

/** RFC 8200 section 5. */
const LEAST_INET6_MTU = 1280;

/** Interfaces of the configuration are there, up, and have a link. */
export function interfaces(needs: Needs, { links }: Facts, { vrrp }: ValidConfig): Finding[] {
  const say = findingsOf("interfaces");
  const wanted = Object.entries(needs.interfaces);
  if (wanted.length === 0) return [say.ok("the configuration names no interface")];
  if (!links.known) return [say.unknown(links.why)];
  const dynamic = vrrp.globals.dynamicInterfaces !== "no";
  return wanted.map(([name, purpose]) => {
    const link = links.value.find((each) => each.name === name);
    const what = `${name} (${purpose})`;
    if (link === undefined) {
      const why = dynamic
        ? "Until it comes the instance is in the fault state"
        : "lbctl starts, and the instance is in the fault state";
      return dynamic
        ? say.warning(`${what} does not exist`, why)
        : say.failure(`${what} does not exist`, why, "ip -brief link");
    }
    return linkFinding(link, what, needs, say);
  });
}

function linkFinding(link: LinkFacts, what: string, needs: Needs, say: ReturnType<typeof findingsOf>): Finding {
  const { name, up, lowerUp, mtu, noArp, loopback } = link;
  const fault = "Its instances are in the fault state";
  if (!up) return say.failure(`${what} is down`, fault, `ip link set ${name} up`);
  if (!lowerUp)
    return say.failure(`${what} has no link`, `${fault}: look at the cable, the switch, the bond or the peer`);
  const mine = needs.virtualAddresses.filter((each) => each.interface === name);
  if (mtu < LEAST_INET6_MTU && mine.some(({ family }) => family === "inet6")) {
    const why = "IPv6 needs 1280, and the kernel takes IPv6 off interfaces with less";
    return say.failure(`${what} has an MTU of ${mtu}`, why, `ip link set ${name} mtu 1500`);
  }
  if (noArp && !loopback && mine.some(({ family }) => family === "inet")) {
    const why = "Nobody can ask for the MAC of its virtual addresses, and no gratuitous ARP is heard";
    return say.warning(`${what} does no ARP`, why, `ip link set ${name} arp on`);
  }
  return say.ok(`${what} is up, MTU ${mtu}`);
}

/** systemd-networkd and NetworkManager take addresses away that they do not know, when they configure an interface anew. */
export function managers(needs: Needs, { links }: Facts): Finding[] {
  const say = findingsOf("managers");
  if (!links.known) return [say.unknown(links.why)];
  const names = new Set(needs.virtualAddresses.map((each) => each.interface));
  const managed = links.value.filter(({ name, manager }) => names.has(name) && manager !== null);
  if (managed.length === 0)
    return [say.ok("no systemd-networkd or NetworkManager manages interfaces of virtual addresses")];
  const why =
    "When it configures the interface anew (a reload, a reconfigure) it takes the virtual addresses away; lbctl puts them back at once, and clients notice a gap";
  return managed.map(({ name, manager }) => {
    if (manager?.kind === "NetworkManager") {
      const until = `Without it ${name} keeps its addresses until the next boot, or the end of a DHCP lease: for good set unmanaged-devices= in /etc/NetworkManager/conf.d, and the addresses elsewhere`;
      return say.warning(`NetworkManager manages ${name}`, `${why}. ${until}`, `nmcli device set ${name} managed no`);
    }
    const file = manager?.file ?? null;
    if (manager?.keepsConfiguration === true)
      return say.ok(`systemd-networkd manages ${name} and keeps what others set (KeepConfiguration=)`);
    const directory = file === null ? null : `/etc/systemd/network/${file.split("/").at(-1)}.d`;
    const fix =
      directory === null
        ? null
        : `mkdir -p ${directory} && printf '[Network]\\nKeepConfiguration=static\\n' >${directory}/lbctl.conf && networkctl reload`;
    return say.warning(`systemd-networkd manages ${name} without KeepConfiguration=static`, why, fix);
  });
}

/** Addresses that lbctl sends from. */
export function addresses(needs: Needs, { addresses, links }: Facts, { vrrp }: ValidConfig): Finding[] {
  const say = findingsOf("addresses");
  if (!addresses.known) return [say.unknown(addresses.why)];
  const own = addresses.value;
  const found = needs.sources.map(({ address, interface: on, keyword, of }) => {
    const entry = own.find((each) => each.address === address);
    const what = `${keyword} ${address} of ${of}`;
    if (entry === undefined) {
      const why =
        keyword === "bindto"
          ? "Each check from it fails, and its real servers are down"
          : "Without it the instance is in the fault state, or its peers ignore its adverts";
      return say.failure(`${what} is on no interface`, why, addCommand(address, on, own));
    }
    if (entry.dadFailed)
      return say.failure(
        `${what} is a duplicate: another host has it`,
        "It cannot be used",
        `ip address show dev ${entry.interface}`,
      );
    return say.ok(`${what} is on ${entry.interface}`);
  });
  for (const { name, family, interface: on, transport } of vrrp.instances) {
    if (transport.source !== null || on === null) continue;
    if (links.known && !links.value.some((link) => link.name === on)) continue;
    const usable = own.filter((each) => each.interface === on && each.address.includes(":") === (family === "inet6"));
    if (usable.length > 0) continue;
    const what = `${on} has no ${family === "inet" ? "IPv4" : "IPv6"} address`;
    found.push(say.failure(what, `Adverts of ${name} have no address to come from`, null));
  }
  return found.length > 0 ? found : [say.ok("interfaces have the addresses that adverts come from")];
}

/** With the length of the prefix that the interface's other addresses of that network have. */
function addCommand(address: string, on: string | null, own: readonly AddressFacts[]): string | null {
  const same = own.find(
    (each) =>
      (on === null || each.interface === on) &&
      each.address.includes(":") === address.includes(":") &&
      networkContains({ address: each.address, prefixLength: each.prefixLength }, address),
  );
  const dev = on ?? same?.interface ?? null;
  const length = same?.prefixLength ?? (address.includes(":") ? 64 : 24);
  return dev === null ? null : `ip address add ${address}/${length} dev ${dev}`;
}

/** Adverts reach the other routers. */
export function multicast(_needs: Needs, { links }: Facts, { vrrp }: ValidConfig): Finding[] {
  const say = findingsOf("multicast");
  const found: Finding[] = [];
  for (const { name, interface: on, transport } of vrrp.instances) {
    if (transport.kind !== "multicast" || on === null) continue;
    const link = links.known ? links.value.find((each) => each.name === on) : undefined;
    if (link !== undefined && !link.multicast && !link.loopback) {
      const why = `Adverts of ${name} go nowhere: both routers become master`;
      found.push(say.failure(`${on} does no multicast`, why, `ip link set ${on} multicast on`));
    }
    if (!transport.group.includes(":") && !transport.group.startsWith("224.0.0.")) {
      const why = `Switches with IGMP snooping pass ${transport.group} on only while a querier asks for members (RFC 4541 2.1.2); 224.0.0.x they always pass on`;
      found.push(say.warning(`vrrp_mcast_group4 ${transport.group} of ${name} is outside of 224.0.0.0/24`, why));
    }
  }
  if (vrrp.globals.disableLocalIgmp && found.length === 0)
    found.push(say.ok("no IGMP reports for 224.0.0.x, which switches pass on without them"));
  return found.length > 0 ? found : [say.ok("adverts by multicast: nothing here is in their way")];
}
