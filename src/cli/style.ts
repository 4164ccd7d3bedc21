/** Colours a piece of text, or leaves it alone. */
export type Paint = (code: "red" | "green" | "yellow" | "cyan" | "bold" | "dim", text: string) => string;

const codes = { red: 31, green: 32, yellow: 33, cyan: 36, bold: 1, dim: 2 } as const;

/** Paints for a terminal, unless NO_COLOR is set or TERM is dumb (no-color.org). */
export function paintFor(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): Paint {
  const wanted = stream.isTTY === true && (env.NO_COLOR ?? "") === "" && env.TERM !== "dumb";
  return wanted ? (code, text) => `\u001b[${codes[code]}m${text}\u001b[0m` : (_code, text) => text;
}
