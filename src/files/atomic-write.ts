import { link, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

let sequence = 0;

export interface AtomicWriteOptions {
  /** Permissions of the file, whatever the umask; owner only by default. */
  readonly mode?: number;
  /** Rejects with EEXIST instead of replacing a file, also one that appears in the meantime. */
  readonly exclusive?: boolean;
}

/**
 * Replaces a file as a whole: a reader, also one after a crash or power loss, finds either the old content or the new one.
 * The directory must exist. Rejects with the system's error, leaving the old file in place and nothing beside it.
 */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  { mode = 0o600, exclusive = false }: AtomicWriteOptions = {},
): Promise<void> {
  sequence += 1;
  const temporary = `${path}.tmp-${process.pid}-${sequence}`;
  try {
    // wx: whoever planted a file or link of that name does not get our content.
    const file = await open(temporary, "wx", mode);
    try {
      await file.chmod(mode);
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    if (exclusive) {
      await link(temporary, path);
      await rm(temporary);
    } else await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** Removes what writers of this file that died in the middle left behind. Only for the file's one owner, before it writes. */
export async function removeLeftovers(path: string): Promise<void> {
  const prefix = `${basename(path)}.tmp-`;
  const names = await readdir(dirname(path));
  await Promise.all(
    names.filter((name) => name.startsWith(prefix)).map((name) => rm(join(dirname(path), name), { force: true })),
  );
}

/** Without it a power loss could take the rename back. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
