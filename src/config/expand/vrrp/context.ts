import { type AddressFamily, addressFamily } from "ipvs-netlink";
import type { WrittenGlobalDefs } from "../../keywords/table.ts";
import type { Path } from "../../locate.ts";
import type { Network } from "../../network-model.ts";
import { isFatal, type Problem } from "../problem.ts";
import { type IprouteNames, type NumbersByName, numberNamed } from "./iproute-names.ts";

/** What every part of the expansion of VRRP has at hand. */
export interface VrrpContext {
  readonly globals: WrittenGlobalDefs;
  readonly names: IprouteNames;
  readonly problems: Problem[];
}

/** A line of a block of lines: which it is, and where the block stands. */
export interface Line {
  readonly path: Path;
  readonly word: number;
}

export function pathsOf(path: Path, keyword: string): (word: number) => Line {
  return (word) => ({ path: [...path, keyword], word });
}

/** True when something was said since there were `before` problems that refuses the file. */
export function refusedSince(before: number, { problems }: VrrpContext): boolean {
  return problems.slice(before).some(isFatal);
}

/** The number behind the name; null, and said, when there is none of that name. */
export function resolveName(
  word: string,
  table: keyof IprouteNames,
  max: number,
  line: Line,
  { names, problems }: VrrpContext,
): number | null {
  const number = numberNamed(word, names[table] as NumbersByName, max);
  if (number !== null) return number;
  const file = { tables: "rt_tables", protocols: "rt_protos", scopes: "rt_scopes", dsfields: "rt_dsfield" };
  const where = { ...file, realms: "rt_realms", groups: "group" }[table];
  const message = `"${word}" is neither a number up to ${max} nor a name of /etc/iproute2/${where}`;
  problems.push({ ...line, code: "unknown-reference", message });
  return null;
}

/** `address/length`, or `default` and its like as a network of length 0. */
export function networkOf(text: string, family: AddressFamily): Network {
  const [address = "", length] = text.split("/");
  if (!/[.:]/.test(address)) return { address: family === "inet" ? "0.0.0.0" : "::", prefixLength: 0 };
  const whole = family === "inet" ? 32 : 128;
  return { address, prefixLength: length === undefined ? whole : Number(length) };
}

/** The family that a network is of; null when its word fits both. */
export function familyOf(text: string): AddressFamily | null {
  if (text === "default6") return "inet6";
  const [address = ""] = text.split("/");
  return /[.:]/.test(address) ? addressFamily(address) : null;
}

/** Whole milliseconds; what is above zero stays above zero. */
export function msOf(us: number): number {
  return us > 0 ? Math.max(1, Math.round(us / 1000)) : 0;
}
