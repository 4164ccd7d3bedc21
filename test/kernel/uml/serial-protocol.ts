/** One line from the guest's agent (guest-agent.pl documents both directions). */
export type AgentLine =
  | { readonly kind: "ready" }
  | { readonly kind: "taken" }
  | { readonly kind: "pong"; readonly id: number }
  | { readonly kind: "done"; readonly id: number; readonly status: number; readonly how: JobEnd };

/** How a job ended: by itself, by a signal, or killed by the agent because its time was up. */
export type JobEnd = "exited" | "killed" | "timeout";

/** Undefined for anything that is not an agent's line: a dying kernel may write to its serial line too. */
export function parseAgentLine(line: string): AgentLine | undefined {
  const [kind, ...words] = line.trim().split(" ");
  if (words.length === 0) return kind === "ready" || kind === "taken" ? { kind } : undefined;
  const id = Number(words[0]);
  if (!Number.isInteger(id)) return undefined;
  if (kind === "pong" && words.length === 1) return { kind, id };
  const [, statusText, how] = words;
  const status = Number(statusText);
  if (kind !== "done" || words.length !== 3 || !Number.isInteger(status)) return undefined;
  return how === "exited" || how === "killed" || how === "timeout" ? { kind, id, status, how } : undefined;
}

/** Cuts a byte stream's text into whole lines; the unfinished rest waits for the next piece. */
export function lineSplitter(onLine: (line: string) => void): (piece: string) => void {
  let rest = "";
  return (piece) => {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  };
}
