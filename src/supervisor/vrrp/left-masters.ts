import { join } from "node:path";
import type { VrrpInstance, VrrpModel } from "../../config/vrrp-model.ts";
import { bootId } from "../../files/boot-id.ts";
import { isObject } from "../../files/is-object.ts";
import { StampedRecord } from "../../files/stamped-record.ts";
import { routerIdentity } from "../../vrrp/machine/reload.ts";
import type { Resumed } from "./vrrp-messages.ts";

/** Masters whose process left everything in place, for one that goes on before their peers take over. */
export interface LeftMasters {
  /** When it left them, in ms since the machine was started. */
  readonly atMs: number;
  readonly masters: readonly { readonly instance: string; readonly identity: string }[];
}

/** In the run-time directory; it says nothing about another network namespace (`identity`). */
export function leftMastersRecord(runDir: string, identity: string): StampedRecord<LeftMasters> {
  const stamp = { bootId: bootId(), identity };
  return new StampedRecord(join(runDir, "masters.json"), () => stamp, parseLeftMasters);
}

export function leftMasters(names: readonly string[], { instances }: VrrpModel, atMs: number): LeftMasters {
  const masters = instances.filter(({ name }) => names.includes(name));
  return { atMs, masters: masters.map((each) => ({ instance: each.name, identity: identityOf(each) })) };
}

/** Those that are the same virtual routers in this configuration. */
export function resumedOf({ atMs, masters }: LeftMasters, { instances }: VrrpModel): Resumed {
  const identities = new Map(instances.map((each) => [each.name, identityOf(each)]));
  return masters
    .filter(({ instance, identity }) => identities.get(instance) === identity)
    .map(({ instance }) => ({ instance, aliveMs: atMs }));
}

/** The record as read from disk. Throws a sentence at anything that we would not have written. */
export function parseLeftMasters(content: unknown): LeftMasters {
  if (!isObject(content) || typeof content.atMs !== "number" || !Array.isArray(content.masters)) {
    throw new Error("no list of masters");
  }
  const masters = content.masters.map((each: unknown) => {
    if (!isObject(each) || typeof each.instance !== "string" || typeof each.identity !== "string") {
      throw new Error(`not a master: ${JSON.stringify(each)}`);
    }
    return { instance: each.instance, identity: each.identity };
  });
  return { atMs: content.atMs, masters };
}

function identityOf(instance: VrrpInstance): string {
  return JSON.stringify(routerIdentity(instance));
}
