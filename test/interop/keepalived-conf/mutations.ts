import fc from "fast-check";

/** What people do to a configuration by accident, as functions of its lines. `at` and `other` are any numbers. */
type Mutation = (lines: readonly string[], at: number, other: number, word: string) => readonly string[];

const replaceLine = (lines: readonly string[], index: number, ...by: readonly string[]) => [
  ...lines.slice(0, index),
  ...by,
  ...lines.slice(index + 1),
];
const pick = (at: number, length: number) => (length === 0 ? 0 : at % length);

/** The line at `at` or the next one that matches. */
function lineWith(lines: readonly string[], at: number, pattern: RegExp): number {
  const order = lines.map((_, index) => (at + index) % lines.length);
  return order.find((index) => pattern.test(lines[index] as string)) ?? pick(at, lines.length);
}

function changeWord(
  lines: readonly string[],
  at: number,
  other: number,
  change: (word: string) => string,
): readonly string[] {
  const index = lineWith(lines, at, /\S/);
  const line = lines[index];
  if (line === undefined) return lines;
  const parts = line.split(/(\s+)/);
  const words = parts.flatMap((part, place) => (/\S/.test(part) ? [place] : []));
  const place = words[pick(other, words.length)];
  if (place === undefined) return lines;
  return replaceLine(
    lines,
    index,
    [...parts.slice(0, place), change(parts[place] as string), ...parts.slice(place + 1)].join(""),
  );
}

const mutations: Readonly<Record<string, Mutation>> = {
  "line deleted": (lines, at) => replaceLine(lines, lineWith(lines, at, /\S/)),
  "line twice": (lines, at) => {
    const index = lineWith(lines, at, /\S/);
    return replaceLine(lines, index, lines[index] as string, lines[index] as string);
  },
  "lines swapped": (lines, at) => {
    const index = pick(at, lines.length - 1);
    return replaceLine(replaceLine(lines, index, lines[index + 1] ?? ""), index + 1, lines[index] as string);
  },
  "line moved": (lines, at, other) => {
    const index = lineWith(lines, at, /^[^{}]*\S[^{}]*$/);
    const without = replaceLine(lines, index);
    return replaceLine(
      without,
      pick(other, without.length),
      without[pick(other, without.length)] ?? "",
      lines[index] as string,
    );
  },
  "word deleted": (lines, at, other) => changeWord(lines, at, other, () => ""),
  "word replaced": (lines, at, other, word) => changeWord(lines, at, other, () => word),
  "word added": (lines, at, other, word) => changeWord(lines, at, other, (before) => `${before} ${word}`),
  "letters swapped": (lines, at, other) =>
    changeWord(lines, at, other, (word) => word.replace(/(\w)(\w)(?=\w*$)/, "$2$1")),
  "number changed": (lines, at, other, word) => {
    const index = lineWith(lines, at, /[0-9]/);
    const numbers = [...(lines[index] ?? "").matchAll(/[0-9]+/g)];
    const number = numbers[pick(other, numbers.length)];
    if (number === undefined) return lines;
    const line = lines[index] as string;
    const by = /^[0-9]+$/.test(word) ? word : String(Number(number[0]) + other - 50);
    return replaceLine(lines, index, line.slice(0, number.index) + by + line.slice(number.index + number[0].length));
  },
  "brace dropped": (lines, at) => {
    const index = lineWith(lines, at, /[{}]/);
    return replaceLine(lines, index, (lines[index] as string).replace(/[{}]/, ""));
  },
  "brace added": (lines, at, other) =>
    replaceLine(lines, pick(at, lines.length), `${lines[pick(at, lines.length)]} ${other % 2 ? "{" : "}"}`),
  "quote added": (lines, at, other) => changeWord(lines, at, other, (word) => `"${word}`),
  "comment sign added": (lines, at, other) => changeWord(lines, at, other, (word) => `${other % 2 ? "#" : "!"}${word}`),
  "cut off": (lines, at, other) => {
    const text = lines.join("\n");
    return text.slice(0, Math.floor((text.length * ((at * 7 + other) % 100)) / 100)).split("\n");
  },
};

const reference = "$" + "{NAME}";
const words = fc.constantFrom(
  reference,
  ..."0 1 -1 255 256 300 65536 4294967296 99999999999999999999 1.5 0x10 x on off {} $NAME @id @^high ~SEQ(N,1,3) TCP rr 10.0.0.300 10.0.0.1/33 ::1 fe80::1%eth0 weight real_server url # ! \\ include".split(
    " ",
  ),
);

const oneMutation = fc.record({
  name: fc.constantFrom(...Object.keys(mutations)),
  at: fc.nat(500),
  other: fc.nat(100),
  word: words,
});

export interface Mutant {
  readonly text: string;
  /** What was done to which sample. */
  readonly how: string;
}

/** One to three accidents in one of the samples. */
export function mutants(samples: Readonly<Record<string, string>>): fc.Arbitrary<Mutant> {
  return fc
    .tuple(fc.constantFrom(...Object.keys(samples)), fc.array(oneMutation, { minLength: 1, maxLength: 3 }))
    .map(([name, steps]) => {
      let lines: readonly string[] = (samples[name] as string).split("\n");
      for (const { name: step, at, other, word } of steps)
        lines = (mutations[step] as Mutation)(lines, at, other, word);
      return {
        text: lines.join("\n"),
        how: `${name}: ${steps.map((step) => `${step.name} (${step.at}, ${step.other}, ${step.word})`).join(", ")}`,
      };
    });
}
