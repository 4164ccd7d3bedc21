/** What is legal and almost surely not meant. Closed set; docs/lints.md has a section for each. */
export const lintCodes = {
  "persistence-with-hash": { severity: "warning", summary: "a scheduler that hashes clients is persistent, too" },
  "hash-without-fallback": { severity: "warning", summary: "sh or mh refuses the clients of a server of weight 0" },
  "port-ignored": { severity: "warning", summary: "the kernel delivers to another port than the one written" },
  "interval-below-timeout": { severity: "warning", summary: "a check starts again before its deadline" },
  "include-matched-nothing": {
    severity: "warning",
    summary: "keepalived.conf: an include with a wildcard finds no file",
  },
  "undefined-parameter": {
    severity: "warning",
    summary: "keepalived.conf: a $NAME that nothing defines is left in a value",
  },
  "invalid-ignore": { severity: "warning", summary: "a comment that should silence a warning does not" },
} as const satisfies Record<string, { readonly severity: "warning"; readonly summary: string }>;

export type LintCode = keyof typeof lintCodes;

/** Where a lint is explained; null for other codes. */
export function lintLink(code: string): string | null {
  return Object.hasOwn(lintCodes, code) ? `docs/lints.md#${code}` : null;
}
