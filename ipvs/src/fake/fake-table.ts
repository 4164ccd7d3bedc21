import { constants } from "node:os";
import type { DestinationAttributes, ServiceAttributes, StatisticsAttributes } from "../ipvs/attributes.ts";
import * as k from "../ipvs/constants.ts";
import { u32 } from "../netlink/attribute-types.ts";
import { AF_INET, AF_INET6 } from "../netlink/constants.ts";
import { Memory } from "../netlink/memory.ts";
import { isUnicastDestination } from "./unicast.ts";

const { EAFNOSUPPORT, EEXIST, EINVAL, ENOENT, ERANGE, ESRCH } = constants.errno;

export interface FakeDestination {
  readonly identity: string;
  settings: DestinationAttributes;
  statistics: StatisticsAttributes;
  connections: { active: number; inactive: number; persistent: number };
}

export interface FakeService {
  settings: ServiceAttributes;
  statistics: StatisticsAttributes;
  /** Newest first, as the kernel lists them. */
  destinations: FakeDestination[];
}

/** What the running kernel can do. */
export interface FakeModules {
  readonly schedulers: readonly string[];
  readonly engines: readonly string[];
  readonly inet6: boolean;
}

/**
 * The table and its rules as in net/netfilter/ipvs/ip_vs_ctl.c of Linux 6.1: which request is refused, with which
 * errno, and in which order the checks come. Requests and state are attributes, not domain objects. Methods answer an
 * errno, 0 for success.
 */
export class FakeTable {
  readonly #services = new Map<string, FakeService>();
  #list: readonly FakeService[] | null = [];
  readonly #modules: FakeModules;
  readonly #syncRuns: () => boolean;

  constructor(modules: FakeModules, syncRuns: () => boolean) {
    this.#modules = modules;
    this.#syncRuns = syncRuns;
  }

  /** In the order of a listing. */
  get services(): readonly FakeService[] {
    this.#list ??= [...this.#services.values()];
    return this.#list;
  }

  flush(): void {
    this.#services.clear();
    this.#list = null;
  }

  /** ip_vs_genl_parse_service: an errno, or the service's identity and the service if there is one. */
  find(wanted: ServiceAttributes | undefined): number | { identity: string; service: FakeService | undefined } {
    const complete = wanted?.fwmark !== undefined || (wanted?.port !== undefined && wanted.protocol && wanted.address);
    if (wanted?.family === undefined || !complete) return EINVAL;
    if (!this.#familyKnown(wanted.family)) return EAFNOSUPPORT;
    const identity = serviceIdentity(wanted);
    return { identity, service: this.#services.get(identity) };
  }

  newService(wanted: ServiceAttributes | undefined): number {
    const found = this.find(wanted);
    if (typeof found === "number") return found;
    if (!isWhole(wanted)) return EINVAL;
    if (found.service) return EEXIST;
    const refusal = this.#checkService(wanted);
    if (refusal) return refusal;
    this.#list = null;
    this.#services.set(found.identity, { settings: settled(wanted, 0), statistics: {}, destinations: [] });
    return 0;
  }

  setService(wanted: ServiceAttributes | undefined): number {
    const found = this.find(wanted);
    if (typeof found === "number") return found;
    if (!isWhole(wanted)) return EINVAL;
    if (!found.service) return ESRCH;
    const refusal = this.#checkService(wanted);
    if (refusal) return refusal;
    found.service.settings = settled(wanted, found.service.settings.flags?.flags ?? 0);
    return 0;
  }

  deleteService(wanted: ServiceAttributes | undefined): number {
    const found = this.find(wanted);
    if (typeof found === "number") return found;
    this.#list = null;
    return this.#services.delete(found.identity) ? 0 : ESRCH;
  }

  newDestination(key: ServiceAttributes | undefined, wanted: DestinationAttributes | undefined): number {
    const parsed = this.#parseDestination(key, wanted, true);
    if (typeof parsed === "number") return parsed;
    const { service, existing, settings } = parsed;
    const refusal = checkDestination(settings);
    if (refusal) return refusal;
    if (existing) return EEXIST;
    if (!isUnicastDestination(settings)) return EINVAL;
    service.destinations.unshift({
      identity: destinationIdentity(settings),
      settings,
      statistics: {},
      connections: { active: 0, inactive: 0, persistent: 0 },
    });
    return 0;
  }

  setDestination(key: ServiceAttributes | undefined, wanted: DestinationAttributes | undefined): number {
    const parsed = this.#parseDestination(key, wanted, true);
    if (typeof parsed === "number") return parsed;
    const refusal = checkDestination(parsed.settings);
    if (refusal) return refusal;
    if (!parsed.existing) return ENOENT;
    parsed.existing.settings = parsed.settings;
    return 0;
  }

  deleteDestination(key: ServiceAttributes | undefined, wanted: DestinationAttributes | undefined): number {
    const parsed = this.#parseDestination(key, wanted, false);
    if (typeof parsed === "number") return parsed;
    const { service, existing } = parsed;
    if (!existing) return ENOENT;
    service.destinations.splice(service.destinations.indexOf(existing), 1);
    return 0;
  }

  /** One service, or all when none is named. */
  zero(wanted: ServiceAttributes | undefined): number {
    if (wanted === undefined) {
      for (const service of this.services) zeroService(service);
      return 0;
    }
    const found = this.find(wanted);
    if (typeof found === "number") return found;
    if (!found.service) return ESRCH;
    zeroService(found.service);
    return 0;
  }

  /** Whether some destination is of another family than its service: the sync protocol cannot express that. */
  get mixedFamilies(): boolean {
    return this.services.some(({ settings, destinations }) =>
      destinations.some((destination) => destination.settings.family !== settings.family),
    );
  }

  #familyKnown(family: number | undefined): boolean {
    return family === AF_INET || (family === AF_INET6 && this.#modules.inet6);
  }

  /** ip_vs_add_service and ip_vs_edit_service. */
  #checkService({ family, scheduler = "", engine, netmask }: ServiceAttributes): number {
    if (scheduler !== "none" && !this.#modules.schedulers.includes(scheduler)) return ENOENT;
    if (engine && !this.#modules.engines.includes(engine)) return ENOENT;
    if (family === AF_INET6 && netmask) {
      const prefixLength = u32.read(new Memory(netmask), 0, 4);
      if (prefixLength < 1 || prefixLength > 128) return EINVAL;
    }
    return 0;
  }

  /** ip_vs_genl_set_cmd and ip_vs_genl_parse_dest. */
  #parseDestination(
    key: ServiceAttributes | undefined,
    wanted: DestinationAttributes | undefined,
    whole: boolean,
  ): number | { service: FakeService; existing: FakeDestination | undefined; settings: DestinationAttributes } {
    const found = this.find(key);
    if (typeof found === "number") return found;
    const { service } = found;
    if (!service) return ESRCH;
    if (wanted?.address === undefined || wanted.port === undefined) return EINVAL;
    const { method, weight, upperThreshold, lowerThreshold } = wanted;
    const complete = [method, weight, upperThreshold, lowerThreshold].every((value) => value !== undefined);
    if (whole && !complete) return EINVAL;
    const family = wanted.family || service.settings.family;
    if (!this.#familyKnown(family)) return EAFNOSUPPORT;
    const settings = { ...wanted, family, method: (method ?? 0) & k.IP_VS_CONN_F_FWD_MASK };
    if (whole && family !== service.settings.family) {
      if (this.#syncRuns() || settings.method !== k.IP_VS_CONN_F_TUNNEL) return EINVAL;
    }
    const identity = destinationIdentity(settings);
    const existing = service.destinations.find((one) => one.identity === identity);
    return { service, existing, settings };
  }
}

/** ip_vs_add_dest and ip_vs_edit_dest. */
function checkDestination(settings: DestinationAttributes): number {
  const { weight = 0, upperThreshold = 0, lowerThreshold = 0, tunnelType, tunnelPort } = settings;
  if (weight < 0 || lowerThreshold > upperThreshold) return ERANGE;
  if (tunnelType === k.IP_VS_CONN_F_TUNNEL_TYPE_GUE && !tunnelPort) return EINVAL;
  return 0;
}

/** What a whole service must carry beyond its identity. */
function isWhole(wanted: ServiceAttributes | undefined): wanted is ServiceAttributes {
  return [wanted?.scheduler, wanted?.flags, wanted?.timeoutS, wanted?.netmask].every((value) => value !== undefined);
}

/** Settings as the kernel answers them: only masked flags change, and the service is hashed. */
function settled(wanted: ServiceAttributes, before: number): ServiceAttributes {
  const { flags = 0, mask = 0 } = wanted.flags ?? {};
  return {
    ...wanted,
    protocol: wanted.fwmark ? undefined : wanted.protocol,
    flags: { flags: ((before & ~mask) | (flags & mask) | k.IP_VS_SVC_F_HASHED) >>> 0, mask: 0xffff_ffff },
    engine: wanted.engine || undefined,
  };
}

function zeroService(service: FakeService): void {
  service.statistics = {};
  for (const destination of service.destinations) destination.statistics = {};
}

export function serviceIdentity({ family, fwmark, protocol, address, port }: ServiceAttributes): string {
  return fwmark ? `${family} mark ${fwmark}` : `${family} ${protocol} ${address} ${port}`;
}

export function destinationIdentity({ family, address, port }: DestinationAttributes): string {
  return `${family} ${address} ${port}`;
}
