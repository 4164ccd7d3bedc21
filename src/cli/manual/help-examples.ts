import { commandTexts } from "./command-texts.ts";

/** The examples of a command as its --help shows them; null if it has none. */
export function helpExamples(command: string): string | null {
  const examples = commandTexts[command]?.examples ?? [];
  if (examples.length === 0) return null;
  return ["Examples:", ...examples.map(({ line, what }) => `  ${line}\n      ${what}`)].join("\n");
}
