import type { Random } from "./random.ts";

/** What the names that start with "_" stand for. */
export interface Predefined {
  readonly configId: string;
  /** Of the file that is being read. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly random: Random;
}

type Value = { readonly text: string } | { readonly problem: string; readonly hint: string | null };

const MOST = 0x7fff_ffff;

/** The value of `${_NAME argument}`; null when there is no such name. */
export function predefinedValue(name: string, argument: string, from: Predefined): Value | null {
  switch (name) {
    case "_HASH":
      return { text: "#" };
    case "_BANG":
      return { text: "!" };
    case "_PWD":
      return { text: from.directory };
    case "_INSTANCE":
      return { text: from.configId };
    case "_ENV":
      return environmentValue(argument.trim(), from.environment);
    case "_RANDOM":
      return randomValue(argument, from.random);
    default:
      return null;
  }
}

function environmentValue(variable: string, environment: Predefined["environment"]): Value {
  if (variable === "")
    return { problem: "_ENV lacks the name of a variable", hint: "write _ENV, a blank and the name in the braces" };
  const value = Object.hasOwn(environment, variable) ? environment[variable] : undefined;
  if (value !== undefined && !/[\r\n]/.test(value)) return { text: value };
  const what = value === undefined ? "the environment has no variable" : "a line cannot hold the value of";
  return { problem: `${what} ${variable}`, hint: "lbctl takes it from its own environment" };
}

function randomValue(argument: string, random: Random): Value {
  const words = argument.trim() === "" ? [] : argument.trim().split(/ +/);
  const [min = 0, max = 32_767] = words.map(Number);
  if (words.length > 2 || words.some((word) => !/^[0-9]+$/.test(word)) || max > MOST || min > max)
    return {
      problem: `_RANDOM has no range "${argument}"`,
      hint: "write _RANDOM, the least and the greatest number in the braces",
    };
  return { text: String(random.integer(min, max)) };
}
