import { nearest } from "../../suggest.ts";
import { further, invalid, missing, type ParsedValue, type ValueType, valid } from "../value-type.ts";

/** "alone": the word is the option. Otherwise a value of one word follows, perhaps behind the word "lock". */
type OptionSpec = "alone" | ValueType<unknown> | { readonly lockable: ValueType<unknown> };

type OptionValue = string | number | boolean | { readonly locked: boolean; readonly value: unknown } | object;
/** What was written: an option that stands alone is true. */
export type Options = Readonly<Record<string, OptionValue>>;

interface OptionsSpec {
  readonly name: string;
  readonly expected: string;
  /** Words without a name, in their order. They may stand between the options. */
  readonly unnamed: Readonly<Record<string, ValueType<unknown>>>;
  /** How many of `unnamed` must be there. */
  readonly needed: number;
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Nothing at all is a value, too. */
  readonly mayBeEmpty?: boolean;
}

/** Words of the kind `10.0.0.1/24 dev eth0 scope global`: some without a name, then options by name, each once. */
export function options(spec: OptionsSpec): ValueType<Options> {
  return {
    name: spec.name,
    expected: spec.expected,
    shape: "words",
    parse: (words) => parseOptions(spec, words),
    format: (value) =>
      [
        ...Object.entries(spec.unnamed).flatMap(([key, type]) => (key in value ? [type.format(value[key])] : [])),
        ...Object.entries(spec.options).flatMap(([key, type]) =>
          key in value ? [key, ...written(type, value[key])] : [],
        ),
      ].join(" "),
    input(z) {
      return z.string();
    },
  };
}

function written(spec: OptionSpec, value: OptionValue | undefined): string[] {
  if (spec === "alone") return [];
  if (!("lockable" in spec)) return [spec.format(value)];
  const { locked, value: inner } = value as { readonly locked: boolean; readonly value: unknown };
  return [...(locked ? ["lock"] : []), spec.lockable.format(inner)];
}

function parseOptions(spec: OptionsSpec, words: readonly string[]): ParsedValue<Options> {
  if (words.length === 0 && spec.mayBeEmpty !== true) return missing();
  const value: Record<string, OptionValue> = {};
  const waiting = Object.entries(spec.unnamed);
  const total = waiting.length;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    const option = Object.hasOwn(spec.options, word) ? spec.options[word] : undefined;
    const name = option === undefined ? waiting[0]?.[0] : word;
    if (name === undefined) return invalid(suggestion(word, spec), at);
    if (name in value) return invalid(`${name} stands there twice`, at);
    if (option === "alone") {
      value[name] = true;
      continue;
    }
    const start = at;
    const lockable = option !== undefined && "lockable" in option;
    const locked = lockable && words[at + 1] === "lock";
    if (locked) at++;
    const type =
      option === undefined ? (waiting.shift()?.[1] as ValueType<unknown>) : lockable ? option.lockable : option;
    const parsed = type.parse(option === undefined ? [word] : words.slice(at + 1, at + 2));
    if (!parsed.ok) {
      if (parsed.code === "missing-value") return invalid(`${word} takes ${type.expected}`, start);
      const hint =
        option === undefined ? (suggestion(word, spec) ?? parsed.hint) : (parsed.hint ?? `expected ${type.expected}`);
      return { ...further(parsed, option === undefined ? at : at + 1), hint };
    }
    value[name] = lockable ? { locked, value: parsed.value } : (parsed.value as OptionValue);
    if (option !== undefined) at++;
  }
  const found = total - waiting.length;
  return found < spec.needed ? invalid(`it starts with ${waiting[0]?.[1].expected}`) : valid(value);
}

function suggestion(word: string, spec: OptionsSpec): string | null {
  const near = nearest(word, Object.keys(spec.options));
  return near === null ? null : `did you mean "${near}"?`;
}
