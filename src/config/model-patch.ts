import type { GlobalDefs, Model, VirtualServer } from "./model.ts";

/**
 * A model as its difference from another one, so that a reload costs what it changes: a virtual server that is as it was stands
 * as its index in the base. Plain data.
 */
export interface ModelPatch {
  readonly globalDefs: GlobalDefs;
  readonly virtualServers: readonly (VirtualServer | number)[];
}

/** What makes `next` of `base`. Virtual servers are matched by name. */
export function patchOf(base: Model, next: Model): ModelPatch {
  const indexes = new Map(base.virtualServers.map(({ name }, index) => [name, index]));
  const virtualServers = next.virtualServers.map((virtualServer) => {
    const index = indexes.get(virtualServer.name);
    return index !== undefined && sameData(base.virtualServers[index], virtualServer) ? index : virtualServer;
  });
  return { globalDefs: next.globalDefs, virtualServers };
}

/** The patched model; what is unchanged are the very objects of `base`. Throws if the patch is not one of this base. */
export function patched(base: Model, { globalDefs, virtualServers }: ModelPatch): Model {
  return {
    globalDefs,
    virtualServers: virtualServers.map((virtualServer) => {
      if (typeof virtualServer !== "number") return virtualServer;
      const unchanged = base.virtualServers[virtualServer];
      if (unchanged === undefined) throw new Error(`the model has no virtual server ${virtualServer} to keep`);
      return unchanged;
    }),
  };
}

/** Equality of plain data. */
function sameData(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => sameData(item, b[index]))
    );
  }
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && sameData(left[name], right[name]))
  );
}
