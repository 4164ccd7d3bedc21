import { join } from "node:path";
import type { VrrpInstance, VrrpModel } from "../../config/vrrp-model.ts";
import { bootId } from "../../files/boot-id.ts";
import { isObject } from "../../files/is-object.ts";
import { StampedRecord } from "../../files/stamped-record.ts";
import { routerIdentity } from "../../vrrp/machine/reload.ts";

/** Masters whose process left everything in place, for one that goes on before their peers take over. */
export type LeftMasters = readonly LeftMaster[];

interface LeftMaster {
  readonly instance: string;
  readonly identity: string;
  /** It sent its last advert then or later, in ms since the machine was started. */
  readonly advertMs: number;
}

/** In the run-time directory; it says nothing about another network namespace (`identity`). */
export function leftMastersRecord(runDir: string, identity: string): StampedRecord<LeftMasters> {
  const stamp = { bootId: bootId(), identity };
  return new StampedRecord(join(runDir, "masters.json"), () => stamp, parseLeftMasters);
}

export function leftMasters(
  names: readonly string[],
  { instances }: VrrpModel,
  advertMs: (instance: VrrpInstance) => number,
): LeftMasters {
  return instances
    .filter(({ name }) => names.includes(name))
    .map((each) => ({ instance: each.name, identity: identityOf(each), advertMs: advertMs(each) }));
}

/** By name, when those that are the same virtual routers in this configuration sent their last advert. */
export function lastAdverts(left: LeftMasters, { instances }: VrrpModel): ReadonlyMap<string, number> {
  const identities = new Map(instances.map((each) => [each.name, identityOf(each)]));
  const same = left.filter(({ instance, identity }) => identities.get(instance) === identity);
  return new Map(same.map(({ instance, advertMs }) => [instance, advertMs]));
}

/** The record as read from disk. Throws a sentence at anything that we would not have written. */
export function parseLeftMasters(content: unknown): LeftMasters {
  if (!Array.isArray(content)) throw new Error("no list of masters");
  return content.map((each: unknown) => {
    const { instance, identity, advertMs } = isObject(each) ? each : {};
    if (typeof instance !== "string" || typeof identity !== "string" || typeof advertMs !== "number") {
      throw new Error(`not a master: ${JSON.stringify(each)}`);
    }
    return { instance, identity, advertMs };
  });
}

function identityOf(instance: VrrpInstance): string {
  return JSON.stringify(routerIdentity(instance));
}
