import { constants, getPriority, setPriority } from "node:os";

/**
 * Has processes go before all others until the returned function is called: what they do takes milliseconds, and a busy machine would make
 * tenths of seconds of it. Where it is not permitted, they go as they do.
 */
export function hurry(pids: readonly (number | null)[]): () => void {
  const before = pids.flatMap((pid) => {
    if (pid === null) return [];
    try {
      const priority = getPriority(pid);
      // Somebody else has it hurry, and will let it be.
      if (priority === constants.priority.PRIORITY_HIGHEST) return [];
      setPriority(pid, constants.priority.PRIORITY_HIGHEST);
      return [{ pid, priority }];
    } catch {
      return [];
    }
  });
  return () => {
    for (const { pid, priority } of before) {
      try {
        setPriority(pid, priority);
      } catch {
        // It has ended.
      }
    }
  };
}
