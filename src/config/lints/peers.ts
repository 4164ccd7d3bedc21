import { interpret } from "../interpret.ts";
import { uncomment } from "../keepalived/comment.ts";
import type { Config } from "../keywords/table.ts";
import type { Source } from "../source.ts";
import type { SourceNode } from "../source-tree.ts";

/** What another router makes of the same file. */
export interface Peer {
  /** Its configuration id. */
  readonly id: string;
  readonly config: Config;
}

/** More routers, or more text, are not read again: the lints must cost little. */
const MOST_PEERS = 8;
const LONGEST_TEXT = 1_000_000;

/** The file as it is for the other configuration ids that its `@id` lines name, as far as VRRP goes. Null from `read`: it cannot be told. */
export function peersOf(
  sources: readonly Source[],
  config: Config,
  ownId: string,
  read: (configId: string) => readonly SourceNode[] | null,
): Peer[] {
  const length = sources.reduce((sum, { text }) => sum + text.length, 0);
  if (config.vrrp_instance.length === 0 || length > LONGEST_TEXT) return [];
  return otherIds(sources, ownId).flatMap((id) => {
    const nodes = read(id)?.filter(({ keyword }) => /^(?:vrrp|track|bfd|global)_/.test(keyword)) ?? null;
    return nodes === null ? [] : [{ id, config: interpret(nodes).config }];
  });
}

function otherIds(sources: readonly Source[], ownId: string): string[] {
  const ids = new Set<string>();
  for (const { text } of sources) {
    for (const [line] of text.matchAll(/^[ \t]*@.*/gm)) {
      const { start, end } = uncomment(line);
      const id = /^@\^?([^\s^]+)[ \t]/.exec(line.slice(start, end))?.[1];
      if (id !== undefined && id !== ownId) ids.add(id);
    }
  }
  return [...ids].slice(0, MOST_PEERS);
}
