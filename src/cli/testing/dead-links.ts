import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

/** Links of Markdown documents that lead nowhere, as "document: target"; to somewhere else in the network are not followed. */
export function deadLinks(root: string, documents: readonly string[]): readonly string[] {
  return documents.flatMap((document) =>
    linksOf(read(root, document))
      .filter((target) => !leadsSomewhere(root, document, target))
      .map((target) => `${document}: ${target}`),
  );
}

function linksOf(text: string): readonly string[] {
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

function leadsSomewhere(root: string, document: string, link: string): boolean {
  const [path = "", fragment] = link.split("#");
  const target = path === "" ? document : join(dirname(document), path);
  if (!existsSync(join(root, target))) return false;
  if (fragment === undefined) return true;
  return statSync(join(root, target)).isFile() && headingsOf(read(root, target)).includes(fragment);
}

/** Headings as whatever shows Markdown names them. */
function headingsOf(text: string): readonly string[] {
  const headings = text.replaceAll(/^```[\s\S]*?^```$/gm, "").matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(/\s/g, "-"),
  );
}

function read(root: string, path: string): string {
  return readFileSync(join(root, path), "utf8");
}
