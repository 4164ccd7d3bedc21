import { canonicalAddress, endpointText } from "ipvs-netlink";
import type { Model } from "../config/model.ts";

export type FoundRealServers =
  /** "10.0.0.11:80" and the like, each once. */
  | { readonly ok: true; readonly realServers: readonly string[] }
  | { readonly ok: false; readonly message: string; readonly hint: string };

/** How many names a hint lists. */
const mostNamed = 5;

/**
 * The real servers that `text` means, in one virtual server or in all (null). "10.0.0.11:80" is one, "10.0.0.11" is every
 * real server with that address.
 */
export function findRealServers(model: Model, text: string, virtualServer: string | null): FoundRealServers {
  const servers = model.virtualServers.filter(({ name }) => virtualServer === null || name === virtualServer);
  if (virtualServer !== null && servers.length === 0) {
    const names = model.virtualServers.map(({ name }) => name);
    return {
      ok: false,
      message: `there is no virtual server ${virtualServer}`,
      hint: listing("Virtual servers", names),
    };
  }
  const wanted = parse(text);
  if (wanted === null) {
    return {
      ok: false,
      message: `${text} is no real server`,
      hint: "Write 10.0.0.11:80, [2001:db8::11]:80, or an address alone.",
    };
  }
  const all = servers.flatMap(({ realServers }) => realServers.map(({ destination }) => destination));
  const found = all.filter(
    ({ address, port }) => address === wanted.address && (wanted.port === null || wanted.port === port),
  );
  if (found.length > 0) return { ok: true, realServers: [...new Set(found.map(endpointText))] };
  const place = virtualServer === null ? "no virtual server has" : `${virtualServer} has no`;
  const names = [...new Set(all.map(endpointText))];
  return { ok: false, message: `${place} real server ${text}`, hint: listing("Real servers", names) };
}

function listing(what: string, names: readonly string[]): string {
  if (names.length === 0) return `${what}: none.`;
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : "";
  return `${what}: ${names.slice(0, mostNamed).join(", ")}${more}.`;
}

function parse(text: string): { readonly address: string; readonly port: number | null } | null {
  const alone = canonicalAddress(text.replace(/^\[(.*)\]$/, "$1"));
  if (alone !== null) return { address: alone, port: null };
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const address = canonicalAddress(bracketed ?? plain ?? "");
  return address === null || Number(port) > 65_535 ? null : { address, port: Number(port) };
}
