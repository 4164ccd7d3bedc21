// Brings the documents that come from the keyword table up to date: node src/config/keywords/write-manual.ts
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { version } from "../../version.ts";
import { generatedFiles } from "./generated-files.ts";
import { parseKeywordList } from "./keyword-list.ts";

const root = new URL("../../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");

mkdirSync(new URL("man/", root), { recursive: true });
const files = generatedFiles({
  listed: parseKeywordList(read("src/config/keywords/fixtures/keepalived-2.4.3-keywords.tsv")),
  version,
  manual: read("docs/configuration.md"),
});
for (const [path, text] of Object.entries(files)) writeFileSync(new URL(path, root), text);
