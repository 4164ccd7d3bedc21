import { join, parse, resolve } from "node:path";

/**
 * Where a dump is written: `configured`, or a name in the run directory. With data_use_instance what tells this daemon from
 * others stands before the extension, as with keepalived: "lbctl.data" is "lbctl.blue.data". Pure.
 */
export function dumpPath(
  { configured, fallback }: { readonly configured: string | null; readonly fallback: string },
  runDir: string,
  distinctions: readonly (string | null)[],
): string {
  const path = resolve(runDir, configured ?? fallback);
  const names = distinctions.filter((name) => name !== null);
  if (names.length === 0) return path;
  const { dir, name, ext } = parse(path);
  return join(dir, `${[name, ...names].join(".")}${ext}`);
}
