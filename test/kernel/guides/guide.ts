// A guide is Markdown. What its fenced blocks are for stands behind their language:
//
//   ```console director-1 director-2     commands ("# " or "$ " before each) and what they print; on each of these nodes
//   ```yaml director-1:/etc/lbctl/x      a file of that node
//   ```console                           nothing is run: what it needs is not in the test's network, and the text around says what

export interface CommandStep {
  readonly kind: "command";
  readonly line: number;
  readonly nodes: readonly string[];
  readonly command: string;
  /** What the guide shows of the output; nothing shown: any. */
  readonly output: readonly string[];
}

export type Step =
  | CommandStep
  | {
      readonly kind: "file";
      readonly line: number;
      readonly nodes: readonly string[];
      readonly path: string;
      readonly text: string;
    };

const fence = /^```(\S*)\s*(.*)$/;
const place = /^([\w-]+):(\/\S+)$/;

/** The steps of a guide in their order. */
export function stepsOf(markdown: string): readonly Step[] {
  return blocksOf(markdown).flatMap(({ language, words, body, line }) => stepsOfBlock(language, words, body, line));
}

/** The commands of all blocks of a text that is followed on one machine, marked or not. */
export function stepsIn(markdown: string): readonly CommandStep[] {
  const blocks = blocksOf(markdown).filter(({ language }) => language === "console");
  return blocks.flatMap(({ words, body, line }) => commandsOf(words, body, line));
}

interface Block {
  readonly language: string;
  readonly words: readonly string[];
  readonly body: readonly string[];
  /** The number of its first line. */
  readonly line: number;
}

function blocksOf(markdown: string): readonly Block[] {
  const blocks: Block[] = [];
  const lines = markdown.split("\n");
  for (let at = 0; at < lines.length; at++) {
    const [, language, rest = ""] = fence.exec(lines[at] ?? "") ?? [];
    if (language === undefined) continue;
    const end = lines.indexOf("```", at + 1);
    if (end === -1) throw new Error(`line ${at + 1}: the block has no end`);
    blocks.push({ language, words: rest.split(" ").filter(Boolean), body: lines.slice(at + 1, end), line: at + 2 });
    at = end;
  }
  return blocks;
}

function stepsOfBlock(language: string, words: readonly string[], body: readonly string[], line: number): Step[] {
  if (words.length === 0) return [];
  if (language === "console") return commandsOf(words, body, line);
  const places = words.map((word) => place.exec(word));
  const [first] = places;
  if (!first || places.some((each) => each?.[2] !== first[2]))
    throw new Error(`line ${line - 1}: no place of a file: ${words}`);
  const nodes = places.map((each) => each?.[1] ?? "");
  return [{ kind: "file", line, nodes, path: first[2] ?? "", text: `${body.join("\n")}\n` }];
}

function commandsOf(nodes: readonly string[], body: readonly string[], firstLine: number): CommandStep[] {
  const steps: { kind: "command"; line: number; nodes: readonly string[]; command: string; output: string[] }[] = [];
  let goesOn = false;
  for (const [index, text] of body.entries()) {
    const last = steps.at(-1);
    const command: string | undefined = goesOn ? text : /^[#$] (.*)$/.exec(text)?.[1];
    if (command === undefined) {
      if (text !== "" && last === undefined) throw new Error(`line ${firstLine + index}: output without a command`);
      if (text !== "") last?.output.push(text);
      continue;
    }
    if (goesOn && last !== undefined) last.command += `\n${command}`;
    else steps.push({ kind: "command", line: firstLine + index, nodes, command, output: [] });
    goesOn = command.endsWith("\\");
  }
  return steps;
}

const measured = /^(\d[\d.,]*)([a-zµ%]+)?$/i;

/**
 * Whether the output is what the guide shows: its lines in their order, perhaps with others between them. "..." stands for any
 * words; times and other numbers with a unit, which differ from run to run, need only have one.
 */
export function shows(output: string, wanted: readonly string[]): boolean {
  const lines = output.split("\n");
  let next = 0;
  for (const want of wanted) {
    while (next < lines.length && !sameLine(lines[next] ?? "", want)) next++;
    if (next === lines.length) return false;
    next++;
  }
  return true;
}

function sameLine(line: string, wanted: string): boolean {
  return sameWords(line.split(/\s+/).filter(Boolean), wanted.split(/\s+/).filter(Boolean));
}

function sameWords(words: readonly string[], wanted: readonly string[]): boolean {
  const [want, ...others] = wanted;
  if (want === undefined) return words.length === 0;
  if (want === "...") return words.some((_, skipped) => sameWords(words.slice(skipped), others)) || others.length === 0;
  const [word, ...rest] = words;
  if (word === undefined) return false;
  const unit = wanted[1];
  const loose = isUnit(unit) && unit === words[1];
  return (loose ? measured.test(word) && measured.test(want) : sameWord(word, want)) && sameWords(rest, others);
}

function isUnit(word: string | undefined): boolean {
  return /^(ms|s|m|h|seconds)[,:;.]?$/.test(word ?? "");
}

function sameWord(word: string, want: string): boolean {
  const [, , unit] = measured.exec(want) ?? [];
  return word === want || (unit !== undefined && measured.exec(word)?.[2] !== undefined);
}
