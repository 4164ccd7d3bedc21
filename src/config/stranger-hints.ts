import { type Block, infoOf } from "./keywords/keyword.ts";
import { keywordsOf } from "./keywords/lookup.ts";
import type { Span } from "./source.ts";

/**
 * What somebody meant who wrote, in YAML, words behind a keyword or before a colon as they stand in a keepalived.conf:
 * `virtual_server 192.0.2.10 80:`; null where nothing is known of it.
 */
export function hintOnWordsBefore(block: Block, keyword: string, span: Span): string | null {
  const [first = "", ...words] = keyword.split(/\s+/);
  const entry = keywordsOf(block).get(first)?.entry;
  if (entry === undefined || words.length === 0 || !span.source.text.startsWith(":", span.end)) return null;
  if (entry.kind === "value") return `the value stands behind the colon: "${first}: ${words.join(" ")}"`;
  const settings = settingsOf(entry.block, words);
  if (settings === null) return `"${first}:" stands alone, and what it holds is indented below`;
  return `"${first}:" stands alone, and below it, with the other settings: ${settings}`;
}

/** Other names of a check's kind than the keywords' own, which are those of keepalived. */
const checkers: Readonly<Record<string, string>> = {
  tcp: "TCP_CHECK",
  http: "HTTP_GET",
  https: "SSL_GET",
  ssl: "SSL_GET",
  tls: "TCP_CHECK",
  smtp: "SMTP_CHECK",
  dns: "DNS_CHECK",
  udp: "UDP_CHECK",
  ping: "PING_CHECK",
  icmp: "PING_CHECK",
  script: "MISC_CHECK",
};

/** What somebody meant who wrote `check: tcp` or `health_check: {type: http}`; null where it is something else. */
export function hintOnCheck(block: Block, keyword: string, { source, end }: Span): string | null {
  const known = keywordsOf(block);
  if (!/^(?:health[_-]?)?(?:check|monitor|probe)s?(?:er)?$/i.test(keyword) || !known.has("TCP_CHECK")) return null;
  const [behind = ""] = source.text.slice(end, end + 80).split(/[\n#]/);
  const wanted = (behind.toLowerCase().match(/[a-z]+/g) ?? [])
    .map((word) => checkers[word])
    .find((name) => name !== undefined && known.has(name));
  if (wanted !== undefined) return `a check is named by its kind: "${wanted}: {}", with its settings in the braces`;
  return "checks are named by their kind: TCP_CHECK, HTTP_GET, SSL_GET, MISC_CHECK and others";
}

/** How words that stand for a block are written as its settings: `10.0.0.11:80`, `10.0.0.11 80`; null for others. */
export function settingsOf(block: Block, words: readonly string[]): string | null {
  const names = Object.keys(block.entries);
  const [, address, port] = /^([0-9.]+|\[?[0-9a-f]*:[0-9a-f:.]*\]?)(?:[: ]([0-9]+))?$/i.exec(words.join(" ")) ?? [];
  if (address !== undefined && names.includes("address") && names.includes("port"))
    return `"address: ${address.replace(/[[\]]/g, "")}"${port === undefined ? "" : ` and "port: ${port}"`}`;
  const [word] = words;
  if (word?.startsWith("/") && words.length === 1) {
    if (names.includes("path")) return `"path: ${word}"`;
    if (names.includes("url")) return `"url: {path: ${word}}"`;
  }
  const named = block.entries.name;
  if (word === undefined || words.length > 1 || named?.kind !== "value" || infoOf(named).ours === true) return null;
  return `"name: ${word}"`;
}
