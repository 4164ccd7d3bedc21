import type { Manifest } from "./packages.ts";

/** What is said of something that is not ours and travels with the program. */
export type Notice = {
  readonly title: string;
  readonly licence: string;
  readonly source: string;
  readonly text: string;
};

/** Throws when the package names no licence: what we may not hand on does not get into a package unseen. */
export function noticeOf(manifest: Manifest, text: string): Notice {
  const { name, version, license, repository, homepage } = manifest;
  if (license === undefined) throw new Error(`${name}: package.json names no licence`);
  const url = typeof repository === "string" ? repository : repository?.url;
  return { title: `${name} ${version}`, licence: license, source: url ?? homepage ?? "", text: text.trim() };
}

export function noticesText(notices: readonly Notice[]): string {
  const head =
    "lbctl is licensed under Apache-2.0 (LICENSE). It brings these packages of others, under their own licences:\n";
  const list = notices.map(({ title, licence }) => `  ${title}: ${licence}\n`).join("");
  const rule = `\n${"-".repeat(78)}\n`;
  return head + list + notices.map(({ title, source, text }) => `${rule}${title}\n${source}\n\n${text}\n`).join("");
}
