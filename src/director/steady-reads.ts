import type { DataPlane } from "./data-plane.ts";

const attempts = 3;

/**
 * The same data plane, with reads that are repeated before they count as failed: a dump that the kernel interrupted because
 * somebody wrote meanwhile, or a connection that only the next call re-establishes.
 */
export function steadyReads(dataPlane: DataPlane): DataPlane {
  return {
    name: dataPlane.name,
    capabilities: dataPlane.capabilities,
    control: dataPlane.control,
    dump: () => repeated(() => dataPlane.dump()),
    read: (keys) => repeated(() => dataPlane.read(keys)),
    apply: (operations) => dataPlane.apply(operations),
    close: () => dataPlane.close(),
  };
}

async function repeated<T>(read: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await read();
    } catch (error) {
      if (attempt === attempts) throw error;
    }
  }
}
