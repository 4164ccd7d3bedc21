import type { Problem } from "./expand/problem.ts";
import { namesHint } from "./expand/vrrp/tracks.ts";
import { type Config, keywordTable } from "./keywords/table.ts";
import { nodesNamed } from "./locate.ts";
import type { SourceNode } from "./source-tree.ts";

const trackers = ["vrrp_instance", "vrrp_sync_group"] as const;
const references = {
  track_script: "vrrp_script",
  track_file: "track_file",
  track_process: "vrrp_track_process",
  track_bfd: "bfd_instance",
} as const;

/**
 * Names that nothing has in blocks that are left out for other errors of theirs: whoever mends those must not be told of these at the
 * next attempt only. Said only where all names are known.
 */
export function leftOutReferences(config: Config, wholeNodes: () => readonly SourceNode[]): Problem[] {
  return trackers.flatMap((tracker) => {
    if (config[tracker].every((written) => written !== null)) return [];
    const { block } = keywordTable.entries[tracker];
    const blocks = nodesNamed(wholeNodes(), keywordTable, tracker).filter(({ children }) => children !== null);
    return config[tracker].flatMap((written, index) =>
      Object.entries(references).flatMap(([keyword, kind]): Problem[] => {
        const defined = config[kind];
        if (written !== null || defined.some((each) => each === null)) return [];
        const known = new Map(defined.flatMap((each) => (each === null ? [] : [[each.name, each]])));
        const values = nodesNamed(blocks[index]?.children ?? [], block, keyword).flatMap((node) => node.values);
        return values.flatMap(({ text }, word): Problem[] => {
          const [name = ""] = text.trim().split(/\s+/);
          if (name === "" || known.has(name)) return [];
          const message = `there is no ${kind} ${name}`;
          return [
            { path: [tracker, index, keyword], word, code: "unknown-reference", message, hint: namesHint(kind, known) },
          ];
        });
      }),
    );
  });
}
