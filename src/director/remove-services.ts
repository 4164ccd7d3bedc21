import { type ServiceKey, serviceKeyText } from "ipvs-netlink";
import type { IpvsSettings } from "../config/ipvs-model.ts";
import type { DataPlane } from "./data-plane.ts";
import type { DirectorEvent } from "./events.ts";
import type { Ownership } from "./ownership.ts";

export interface RemovalContext {
  readonly dataPlane: DataPlane;
  readonly ownership: Ownership;
  /** All services that are ours. */
  readonly keys: readonly ServiceKey[];
  /** lvs_flush_on_stop. */
  readonly flushOnStop: IpvsSettings["flushOnStop"];
}

/** Empties the table at an ordered end: of ours, or of everything. What could not be deleted stays ours. Rejects when the data plane does. */
export async function removeServices({
  dataPlane,
  ownership,
  keys,
  flushOnStop,
}: RemovalContext): Promise<DirectorEvent> {
  if (flushOnStop === "everything" && dataPlane.control !== null) {
    await dataPlane.control.flush();
    await ownership.end();
    return { type: "table_flushed" };
  }
  const present = (await dataPlane.read(keys)).map(({ service }) => service.key);
  const results = await dataPlane.apply(present.map((key) => ({ kind: "del-service", key })));
  const left = new Set(present.filter((_, index) => results[index]?.ok !== true).map(serviceKeyText));
  if (left.size === 0) await ownership.end();
  else
    await ownership.release(
      ownership
        .keys()
        .map(serviceKeyText)
        .filter((text) => !left.has(text)),
    );
  return { type: "table_removed", services: present.length - left.size };
}
