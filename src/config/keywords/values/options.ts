import { nearest } from "../../suggest.ts";
import { further, invalid, missing, type ParsedValue, type ValueType, valid } from "../value-type.ts";

/** "alone": the word is the option. Otherwise a value of one word follows, perhaps behind the word "lock". */
type OptionSpec = "alone" | ValueType<unknown> | { readonly lockable: ValueType<unknown> };

type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** `locked`: the word "lock" stood before the value. */
export interface Lockable<T> {
  readonly locked: boolean;
  readonly value: T;
}

type ValueOf<S> = S extends "alone"
  ? true
  : S extends ValueType<infer T>
    ? T
    : S extends { readonly lockable: ValueType<infer T> }
      ? Lockable<T>
      : never;

/** What was written of these options: one that stands alone is true. */
export type Options<S extends OptionSpecs> = { readonly [K in keyof S]?: ValueOf<S[K]> };

interface OptionsSpec<U extends OptionSpecs, O extends OptionSpecs> {
  readonly name: string;
  readonly expected: string;
  /** Words without a name, in their order. They may stand between the options. */
  readonly unnamed: U;
  /** How many of `unnamed` must be there. */
  readonly needed: number;
  readonly options: O;
  /** Nothing at all is a value, too. */
  readonly mayBeEmpty?: boolean;
}

/** A specification and a value whose types do not matter. */
type AnySpec = OptionsSpec<Readonly<Record<string, ValueType<unknown>>>, OptionSpecs>;
type AnyOptions = Record<string, unknown>;

/** Words of the kind `10.0.0.1/24 dev eth0 scope global`: some without a name, then options by name, each once. */
export function options<const U extends Readonly<Record<string, ValueType<unknown>>>, const O extends OptionSpecs>(
  spec: OptionsSpec<U, O>,
): ValueType<Options<U & O>> {
  return optionsOf(spec) as ValueType<Options<U & O>>;
}

function optionsOf(spec: AnySpec): ValueType<AnyOptions> {
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

function written(spec: OptionSpec, value: unknown): string[] {
  if (spec === "alone") return [];
  if (!("lockable" in spec)) return [spec.format(value)];
  const { locked, value: inner } = value as Lockable<unknown>;
  return [...(locked ? ["lock"] : []), spec.lockable.format(inner)];
}

function parseOptions(spec: AnySpec, words: readonly string[]): ParsedValue<AnyOptions> {
  if (words.length === 0 && spec.mayBeEmpty !== true) return missing();
  const value: AnyOptions = {};
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
    value[name] = lockable ? { locked, value: parsed.value } : parsed.value;
    if (option !== undefined) at++;
  }
  const found = total - waiting.length;
  return found < spec.needed ? invalid(`it starts with ${waiting[0]?.[1].expected}`) : valid(value);
}

function suggestion(word: string, spec: AnySpec): string | null {
  const near = nearest(word, Object.keys(spec.options));
  return near === null ? null : `did you mean "${near}"?`;
}
