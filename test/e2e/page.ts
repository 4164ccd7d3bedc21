import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CommandStep, stepsIn } from "../kernel/guides/guide.ts";

const checkout = join(import.meta.dirname, "../..");

export function textOf(page: string): string {
  return readFileSync(join(checkout, page), "utf8");
}

/** A part of a page under its heading, of whatever level; without a title the part above the first one. */
export function sectionOf(page: string, title: string | null = null): string {
  const parts = textOf(page).split(/^#{2,} /m);
  const part = title === null ? parts[0] : parts.find((each) => each.startsWith(`${title}\n`));
  if (part === undefined) throw new Error(`${page} has no section ${title}`);
  return part;
}

/** The commands of a section, which has some. */
export function stepsOf(page: string, title: string | null = null): readonly CommandStep[] {
  const steps = stepsIn(sectionOf(page, title));
  if (steps.length === 0) throw new Error(`${page} ${title} has no commands`);
  return steps;
}

/** The lines that docs/scripts.md shows of a FIFO. */
export function fifoLines(): readonly string[] {
  const block = blocksOf("docs/scripts.md").find(({ text }) => /^RS \[/.test(text));
  if (block === undefined) throw new Error("docs/scripts.md shows no lines of a FIFO");
  return block.text.trimEnd().split("\n");
}

export interface TextBlock {
  readonly page: string;
  readonly line: number;
  /** Behind the backquotes; empty for most texts of keepalived.conf. */
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks of a page. */
export function blocksOf(page: string): readonly TextBlock[] {
  const text = textOf(page);
  return [...text.matchAll(/^```([a-z]*).*\n([\s\S]*?)^```$/gm)].map(({ 1: language = "", 2: body = "", index }) => ({
    page,
    line: text.slice(0, index).split("\n").length,
    language,
    text: body,
  }));
}
