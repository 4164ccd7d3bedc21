import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import type { Packages } from "./packages.ts";

/** What the .deb installs below a folder (`usr/share`), unpacked. Answers where that is; it goes with the packages. */
export function unpack({ directory, current }: Packages, folder: string): string {
  const into = mkdtempSync(join(directory, "unpacked-"));
  const script = 'dpkg-deb --fsys-tarfile "$0" | tar --extract --directory "$1" "./$2"';
  execFileSync("sh", ["-c", script, join(directory, current), into, folder]);
  return join(into, folder);
}
