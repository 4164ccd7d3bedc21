import { nodeCommand } from "./guest-node.ts";
import { bootGuest } from "./uml/guest.ts";

/** Runs guest/director-operations.ts in a guest of its own; rejects where the table is not what the pure model says. */
export async function runDirectorOperations(seed: number, count: number): Promise<{ readonly compared: number }> {
  const guest = await bootGuest();
  try {
    const command = nodeCommand("test/kernel/guest/director-operations.ts", String(seed), String(count));
    return JSON.parse(await guest.sh(command, { timeoutMs: 1_000_000 })) as { compared: number };
  } finally {
    await guest.close();
  }
}
