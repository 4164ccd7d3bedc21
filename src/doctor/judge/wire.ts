import type { VrrpInstance } from "../../config/vrrp-model.ts";
import type { Facts, HeardRouter, WireFacts } from "../facts.ts";
import { type Finding, findingsOf } from "../finding.ts";
import type { NeededAddress, Needs, ValidConfig } from "../needs.ts";

/** Who else answers for a virtual address, and whether that is right. */
export function virtualAddresses(needs: Needs, facts: Facts, { vrrp }: ValidConfig): Finding[] {
  const say = findingsOf("virtual-addresses");
  const { wire } = facts;
  if (!wire.known) return [say.unknown(wire.why)];
  const found = wire.value.problems.map((problem) => say.unknown(problem));
  for (const wanted of needs.virtualAddresses) {
    const instance = vrrp.instances.find(({ name }) => name === wanted.instance);
    const asked = wire.value.holders.find(
      (each) => each.address === wanted.address && each.interface === wanted.interface,
    );
    if (instance === undefined) continue;
    if (asked === undefined) {
      // The problem says it already, once for all addresses of an interface.
      if (wire.value.problems.length === 0)
        found.push(say.unknown(`${wanted.address}: nobody can be asked on ${wanted.interface}`));
      continue;
    }
    found.push(holderFinding(wanted, instance, asked.macs, wire.value, facts));
  }
  return found.length > 0 ? found : [say.ok("no virtual address")];
}

function holderFinding(
  { address, interface: on }: NeededAddress,
  instance: VrrpInstance,
  macs: readonly string[],
  wire: WireFacts,
  { addresses, daemon }: Facts,
): Finding {
  const say = findingsOf("virtual-addresses");
  const isOurs = addresses.known && addresses.value.some((each) => each.address === address);
  const masters = wire.heard.filter((router) => isMaster(router, instance, address));
  const masterMacs = new Set([...virtualMacs(instance), ...masters.flatMap(({ source }) => macsOf(wire, source))]);
  const stranger = macs.find((mac) => !masterMacs.has(mac));
  const who = masters[0] === undefined ? "" : ` (${masters[0].source}, priority ${masters[0].priority})`;
  if (macs.length > 0 && isOurs) {
    const why = `If that is a router of ${instance.name}, neither hears the other (firewall, VLAN, authentication, virtual_router_id): both are master. If it is none, it must give the address up`;
    const fix = "lbctl doctor --only firewall,virtual-routers";
    return say.failure(`${address} on ${on} is held by this host and by another, ${macs.join(", ")}${who}`, why, fix);
  }
  if (stranger !== undefined) {
    const why = `That host sends no advert of ${instance.name} for it: clients reach it or this host, as chance has it. Take the address away there`;
    return say.failure(`${address} on ${on} belongs to another host, ${stranger}`, why);
  }
  if (macs.length > 0) return say.ok(`${address} on ${on} is held by the master${who}`);
  if (isOurs) return say.ok(`${address} on ${on} is held by this host alone`);
  const state = daemon?.instances[instance.name]?.state ?? null;
  if (state === "backup" && masters.length > 0) {
    const why = "A master is heard, and does not answer for the address: it has lost it, or filters ARP";
    return say.warning(`${address} on ${on}: nobody answers`, why);
  }
  return say.ok(`${address} on ${on}: nobody else answers`);
}

/** A router whose adverts say that it has the address; those of excluded addresses say so of the others. */
function isMaster(router: HeardRouter, instance: VrrpInstance, address: string): boolean {
  const told = instance.addresses.map((each) => each.address);
  const said = told.includes(address) ? [address] : told;
  return isSameRouter(router, instance) && router.priority > 0 && said.some((each) => router.addresses.includes(each));
}

/** That of RFC 9568 section 7.3, and the one that use_vmac names. */
function virtualMacs({ family, virtualRouterId, link }: VrrpInstance): string[] {
  const own = link?.kind === "vmac" && link.mac !== null ? [link.mac.toLowerCase()] : [];
  const number = virtualRouterId.toString(16).padStart(2, "0");
  return [...own, `00:00:5e:00:0${family === "inet" ? 1 : 2}:${number}`];
}

function macsOf({ holders }: WireFacts, address: string): readonly string[] {
  return holders.filter((each) => each.address === address).flatMap(({ macs }) => macs);
}

/** Adverts of the virtual router that the instance is of. */
function isSameRouter(router: HeardRouter, { family, virtualRouterId, interface: on }: VrrpInstance): boolean {
  return (
    router.family === family &&
    router.virtualRouterId === virtualRouterId &&
    (router.interface === on || router.interface === null || on === null)
  );
}

/** Routers that use the number of an instance for something else, or speak otherwise. */
export function virtualRouters(_needs: Needs, { wire }: Facts, { vrrp }: ValidConfig): Finding[] {
  const say = findingsOf("virtual-routers");
  if (vrrp.instances.length === 0) return [say.ok("no VRRP instance")];
  if (!wire.known) return [say.unknown(wire.why)];
  const { heard, deaf, listenedMs } = wire.value;
  return vrrp.instances.flatMap((instance) => {
    const others = heard.filter((router) => isSameRouter(router, instance));
    const place = `virtual_router_id ${instance.virtualRouterId} of ${instance.name}`;
    if (others.length === 0 && deaf.includes(instance.interface))
      return [say.unknown(`${place}: nothing can be heard on ${instance.interface ?? "any interface"}`)];
    if (others.length === 0)
      return [say.ok(`${place}: no other router was heard in ${Math.round(listenedMs / 100) / 10} s`)];
    return others.map((router) => routerFinding(router, instance, place, heard));
  });
}

function routerFinding(
  router: HeardRouter,
  instance: VrrpInstance,
  place: string,
  heard: readonly HeardRouter[],
): Finding {
  const say = findingsOf("virtual-routers");
  const ours = instance.addresses.map(({ address }) => address);
  const from = `${router.source} (priority ${router.priority})`;
  const shared = router.addresses.some((address) => ours.includes(address));
  if (!shared && ours.length > 0 && router.addresses.length > 0) {
    const why = "Two virtual routers with one number hear each other as one: one of them is never master, or both flap";
    const free = freeNumber(instance, heard);
    const hint = free === null ? "" : `; ${free} was not heard`;
    return say.failure(
      `${place} is also used by ${from} for ${router.addresses.join(", ")}`,
      `${why}: one of them needs another${hint}`,
    );
  }
  if (router.version !== instance.version) {
    const why = "Routers with different versions ignore each other's adverts: both become master";
    return say.failure(
      `${place}: ${from} speaks version ${router.version}, this configuration ${instance.version}`,
      why,
      null,
    );
  }
  const authentication = instance.authentication?.type ?? "none";
  if (router.authentication !== authentication) {
    const why = "Routers that authenticate differently ignore each other's adverts: both become master";
    return say.failure(
      `${place}: ${from} authenticates with ${router.authentication}, this configuration with ${authentication}`,
      why,
      null,
    );
  }
  const extra = router.addresses.filter((address) => !ours.includes(address));
  const lacking = ours.filter((address) => !router.addresses.includes(address));
  if (extra.length + lacking.length > 0) {
    const why = "Routers of one instance must have the same virtual addresses, or their adverts are refused";
    const what = [
      ...extra.map((each) => `${each} is only there`),
      ...lacking.map((each) => `${each} is only here`),
    ].join(", ");
    return say.warning(`${place}: ${from} has other addresses: ${what}`, why, null);
  }
  if (router.advertMs !== instance.advertMs) {
    const why = "Version 2 refuses adverts of another interval; version 3 takes over the master's";
    return say.warning(
      `${place}: ${from} sends every ${router.advertMs} ms, this configuration every ${instance.advertMs} ms`,
      why,
      null,
    );
  }
  return say.ok(`${place}: ${from} is master`);
}

/** The next number that was not heard. */
function freeNumber({ family, virtualRouterId }: VrrpInstance, heard: readonly HeardRouter[]): number | null {
  const taken = new Set(heard.filter((router) => router.family === family).map((router) => router.virtualRouterId));
  const numbers = Array.from({ length: 254 }, (_, index) => ((virtualRouterId + index) % 255) + 1);
  return numbers.find((number) => !taken.has(number)) ?? null;
}
