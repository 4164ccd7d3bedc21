import type { LoadedRecord } from "../files/stamped-record.ts";
import type { DirectorEvent } from "./events.ts";
import type { RecordStore } from "./records.ts";

/** A record that cannot be used is told and is as good as none, which is null: balancing goes before tidiness. */
export async function loadRecord<T>(store: RecordStore<T>, tell: (event: DirectorEvent) => void): Promise<T | null> {
  let loaded: LoadedRecord<T>;
  try {
    loaded = await store.load();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    tell({ type: "record_failed", call: "read", file: store.path, message });
    return null;
  }
  switch (loaded.kind) {
    case "loaded":
      return loaded.content;
    case "absent":
      return null;
    case "stale":
      tell({ type: "record_ignored", file: store.path, why: "stale", detail: loaded.detail, keptAs: null });
      return null;
    case "corrupt": {
      const { detail, keptAs } = loaded;
      tell({ type: "record_ignored", file: store.path, why: "corrupt", detail, keptAs });
      return null;
    }
  }
}
