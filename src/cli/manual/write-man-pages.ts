// Writes the man pages of section 8 into a directory: node src/cli/manual/write-man-pages.ts DIRECTORY
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { version } from "../../version.ts";
import { commandTree } from "../command-tree.ts";
import { createWholeProgram } from "../commands.ts";
import { manPages } from "./man-pages.ts";

const directory = process.argv[2];
if (directory === undefined) {
  console.error("usage: node src/cli/manual/write-man-pages.ts DIRECTORY");
  process.exit(2);
}
mkdirSync(directory, { recursive: true });
const pages = manPages(commandTree(await createWholeProgram()), version);
for (const [name, text] of Object.entries(pages)) writeFileSync(join(directory, name), text);
