import type { AddressEvent } from "./address-event.ts";
import type { DesiredNetwork } from "./desired.ts";

/** What is gone and cannot be put back, by track_group. */
export type LostObjects = ReadonlyMap<string, readonly string[]>;

/** Of what should be there: what is not, of those objects that a track_group watches. `present`: after the repair. */
export function lostObjects({ objects, missing }: DesiredNetwork, present: ReadonlySet<string>): LostObjects {
  const lost = new Map<string, string[]>();
  const watched = [
    ...objects.filter(({ text }) => !present.has(text)).map(({ text, tracking }) => ({ name: text, tracking })),
    ...missing.map(({ object, tracking }) => ({ name: object, tracking })),
  ];
  for (const { name, tracking } of watched) {
    if (tracking.kind !== "group") continue;
    const ofGroup = lost.get(tracking.group);
    if (ofGroup) ofGroup.push(name);
    else lost.set(tracking.group, [name]);
  }
  return lost;
}

/** What to tell when the losses are others than before. */
export function lossEvents(before: LostObjects, now: LostObjects): AddressEvent[] {
  const events: AddressEvent[] = [];
  for (const [group, objects] of now) {
    if (String(before.get(group)) !== String(objects)) events.push({ type: "group_lost", group, objects });
  }
  for (const group of before.keys()) if (!now.has(group)) events.push({ type: "group_whole", group });
  return events;
}
