import { type IncludeChecks, noChecks } from "../include/include.ts";
import { quote } from "../quote.ts";

/** Those of `include_check` alone. */
export const allChecks: IncludeChecks = { readable: true, match: true, wildcard_match: true, brace_match: true };

const addedBy: Readonly<Record<string, Partial<IncludeChecks>>> = {
  include: {},
  includer: { readable: true },
  includem: { readable: true, match: true },
  includew: { readable: true, wildcard_match: true },
  includeb: { readable: true, brace_match: true },
  includea: allChecks,
};

/** The checks and the pattern of an include line; null for other lines. */
export function includeIn(text: string): { readonly checks: Partial<IncludeChecks>; readonly pattern: string } | null {
  const match = /^(include[rmwba]?)[ \t]+(\S.*)$/.exec(text);
  const checks = match === null ? undefined : addedBy[match[1] as string];
  return checks === undefined ? null : { checks, pattern: (match?.[2] ?? "").trim() };
}

const names = ["readable", "match", "wildcard_match", "brace_match"] as const;

/** The checks after an `include_check` line; a text for what is wrong with its options. */
export function changedChecks(before: IncludeChecks, options: readonly string[]): IncludeChecks | string {
  if (options.length === 0) return allChecks;
  let checks = options.every((option) => /^[+-]/.test(option)) ? before : noChecks;
  for (const option of options) {
    const name = names.find((each) => each === option.replace(/^[+-]/, ""));
    if (name === undefined) return `include_check takes ${names.join(", ")}, not ${quote(option)}`;
    const on = !option.startsWith("-");
    checks = { ...checks, [name]: on, ...(on && name !== "readable" ? { readable: true } : {}) };
  }
  return checks;
}
