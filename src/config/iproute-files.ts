import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { everywhere, type IprouteNames, type NumbersByName, parseNames } from "./expand/vrrp/iproute-names.ts";

/** What the distribution brings, then what this host says, which counts. */
const folders = ["/usr/share/iproute2", "/etc/iproute2"];

const files = {
  tables: "rt_tables",
  protocols: "rt_protos",
  scopes: "rt_scopes",
  dsfields: "rt_dsfield",
  realms: "rt_realms",
  groups: "group",
} as const satisfies Record<keyof IprouteNames, string>;

/** The names that iproute2 has on this host, those that every host has among them. A file that cannot be read has none. */
export async function readIprouteNames(): Promise<IprouteNames> {
  const kinds = Object.keys(files) as (keyof IprouteNames)[];
  const read = await Promise.all(
    kinds.map(async (kind) => [kind, { ...everywhere[kind], ...(await namesIn(files[kind])) }]),
  );
  return Object.fromEntries(read) as unknown as IprouteNames;
}

async function namesIn(name: string): Promise<NumbersByName> {
  const paths = await Promise.all(
    folders.map(async (folder) => {
      const inside = await readdir(join(folder, `${name}.d`)).catch(() => []);
      const more = inside.filter((each) => each.endsWith(".conf")).sort();
      return [join(folder, name), ...more.map((each) => join(folder, `${name}.d`, each))];
    }),
  );
  const texts = await Promise.all(paths.flat().map((path) => readFile(path, "utf8").catch(() => "")));
  return Object.assign({}, ...texts.map(parseNames));
}
