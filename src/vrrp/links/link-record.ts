import { isObject } from "../../files/is-object.ts";

/** Values that were changed on interfaces which are not ours, to be brought back at the end, whoever of us is there then. */
export type LinkRecord = Readonly<Record<string, { readonly before: string; readonly ours: string }>>;

const PATH = /^ipv[46]\/conf\/[^/]+\/[a-z_0-9]+$/;

/** The record as read from disk. Throws a sentence at anything that we would not have written. */
export function parseLinkRecord(content: unknown): LinkRecord {
  if (!isObject(content)) throw new Error("no record of sysctls");
  for (const [path, value] of Object.entries(content)) {
    if (!PATH.test(path) || path.includes("..")) throw new Error(`not a sysctl of an interface: ${path}`);
    if (!isObject(value) || !isWord(value.before) || !isWord(value.ours))
      throw new Error(`not the values of a sysctl: ${path}`);
  }
  return content as LinkRecord;
}

function isWord(value: unknown): boolean {
  return typeof value === "string" && /^-?[0-9]{1,10}$/.test(value);
}
