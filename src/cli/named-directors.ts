import { namespaceOfDirector } from "../supervisor/program/pid-file.ts";
import { namedRunDirs, networkNamespace } from "../supervisor/program/run-dir.ts";

/** A director whose configuration has an `instance`, and that runs now. */
export interface NamedDirector {
  readonly instance: string;
  readonly runDir: string;
  readonly controlSocket: string;
  /** It works in the network namespace of this process. */
  readonly isHere: boolean;
}

export function namedDirectors(): readonly NamedDirector[] {
  const own = networkNamespace();
  return namedRunDirs().flatMap(({ instance, dir }) => {
    const namespace = namespaceOfDirector(dir.pidFile);
    if (namespace === null) return [];
    return [{ instance, runDir: dir.path, controlSocket: dir.controlSocket, isHere: namespace === own }];
  });
}
