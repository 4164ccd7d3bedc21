import { parseCommandLine } from "../../notify/command-line.ts";
import type { Block } from "../keywords/keyword.ts";
import { type Config, keywordTable } from "../keywords/table.ts";
import { optionalScript, type Script, script, type UserGroup } from "../keywords/values/script.ts";
import type { Path } from "../locate.ts";

/** A command line in the configuration. */
export interface PlacedScript {
  readonly path: Path;
  readonly command: string;
  /** Whom it is written to run as; null when nobody says. */
  readonly user: string | null;
}

/** Users that scripts run as when nobody says, the first that exists (keepalived.conf(5), script_user). */
export const defaultUsers: readonly string[] = ["keepalived_script", "root"];

interface Search {
  readonly scripts: readonly string[];
  readonly blocks: readonly { readonly name: string; readonly block: Block; readonly search: Search }[];
}

/** Where in a block scripts may stand. Blocks without any are not looked into. */
function searchOf(block: Block): Search {
  const scripts: string[] = [];
  const blocks: { name: string; block: Block; search: Search }[] = [];
  for (const [name, entry] of Object.entries(block.entries)) {
    if (entry.kind === "value") {
      if (entry.type === script || entry.type === optionalScript) scripts.push(name);
      continue;
    }
    const search = searchOf(entry.block);
    if (search.scripts.length + search.blocks.length > 0) blocks.push({ name, block: entry.block, search });
  }
  return { scripts, blocks };
}

const searchOfTable = searchOf(keywordTable);

/** Every command line of the configuration, in the order of the table. */
export function scriptsOf(config: Config): PlacedScript[] {
  const found: PlacedScript[] = [];
  collect(config, searchOfTable, { path: [], fallback: config.global_defs.script_user?.user ?? null, found });
  return found;
}

interface Collecting {
  /** Of the block under way. One for all: most real servers have no script that would need a path. */
  readonly path: (string | number)[];
  readonly fallback: string | null;
  readonly found: PlacedScript[];
}

function collect(written: object, { scripts, blocks }: Search, collecting: Collecting): void {
  const { path, fallback, found } = collecting;
  const values = written as Readonly<Record<string, unknown>>;
  for (const name of scripts) {
    const value = values[name] as Script | null | undefined;
    if (value == null) continue;
    const user = value.user ?? (values.user as UserGroup | undefined)?.user ?? fallback;
    found.push({ path: [...path, name], command: value.command, user });
  }
  for (const { name, search } of blocks) {
    const inner = values[name];
    if (inner == null) continue;
    path.push(name);
    if (!Array.isArray(inner)) collect(inner as object, search, collecting);
    else {
      for (let index = 0; index < inner.length; index++) {
        if (inner[index] === null) continue;
        path.push(index);
        collect(inner[index] as object, search, collecting);
        path.pop();
      }
    }
    path.pop();
  }
}

/** The program that a command line starts; null when a shell reads it, or when it is none. */
export function programOf(command: string): string | null {
  const line = parseCommandLine(command);
  return line.kind === "program" ? line.argv[0] : null;
}
