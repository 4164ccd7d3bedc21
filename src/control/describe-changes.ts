import type { ChangedBlock } from "./api.ts";

/** How many names are said of one kind. */
const SHOWN = 5;

/** "vrrp_instance VI_1 changed", "vrrp_instance VI_2, VI_3 added": what happens to blocks, an entry for each kind of them and of change. */
export function describeChanges(changes: readonly ChangedBlock[]): string[] {
  const names = new Map<string, { readonly block: string; readonly change: string; readonly names: string[] }>();
  for (const { block, name, change } of changes) {
    const key = `${block} ${change}`;
    const group = names.get(key) ?? { block, change, names: [] };
    group.names.push(name);
    names.set(key, group);
  }
  return [...names.values()].map(({ block, change, names: all }) => {
    const more = all.length > SHOWN ? ` and ${all.length - SHOWN} more` : "";
    return `${block} ${all.slice(0, SHOWN).join(", ")}${more} ${change}`;
  });
}
