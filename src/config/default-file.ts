import { statSync } from "node:fs";

/** Where the configuration is when nobody says otherwise: the first of these that is there. */
export const ownConfigFile = "/etc/lbctl/lbctl.yaml";
export const keepalivedConfigFile = "/etc/keepalived/keepalived.conf";

/** For the option of a command that reads it. */
export const defaultConfigFileText = `default: ${ownConfigFile}, or else ${keepalivedConfigFile}`;

/** The file that counts when the command line names none; our own where there is neither. `isThere` is for tests. */
export function defaultConfigFile(isThere: (file: string) => boolean = isThereAtAll): string {
  return !isThere(ownConfigFile) && isThere(keepalivedConfigFile) ? keepalivedConfigFile : ownConfigFile;
}

/** A file that may not be looked at is there: to take another one without a word would be worse than the complaint. */
export function isThereAtAll(file: string): boolean {
  try {
    statSync(file);
    return true;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    return code !== "ENOENT" && code !== "ENOTDIR";
  }
}
