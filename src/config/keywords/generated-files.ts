import { compatibility } from "./compatibility.ts";
import { everyKeyword } from "./every-keyword.ts";
import type { ListedKeyword } from "./keyword-list.ts";
import { manPage } from "./man-page.ts";
import { updateManual } from "./manual.ts";
import { reference } from "./reference.ts";

/** What the keyword table is written into, by path from the root of the project. Pure. */
export interface GeneratedFrom {
  readonly listed: readonly ListedKeyword[];
  readonly version: string;
  /** docs/configuration.md as it is. */
  readonly manual: string;
}

export function generatedFiles({ listed, version, manual }: GeneratedFrom): Readonly<Record<string, string>> {
  const keywords = everyKeyword();
  return {
    "docs/configuration.md": updateManual(manual),
    "docs/reference.md": `${reference(keywords)}\n`,
    "docs/keepalived-compatibility.md": compatibility(listed, keywords),
    "man/lbctl.conf.5": manPage(keywords, version),
  };
}
