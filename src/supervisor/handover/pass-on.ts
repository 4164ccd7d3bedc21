import { setTimeout as sleep } from "node:timers/promises";

/** What somebody asked this process for while another one took over is for that one. Says whether there is such a process. */
export function passOn(signal: NodeJS.Signals, successorPid: number | null): boolean {
  if (successorPid === null) return false;
  try {
    return process.kill(successorPid, signal);
  } catch {
    return false;
  }
}

/** As `passOn` for the end; resolves when the other one has ended, too: who waits for this process means the director. */
export async function passOnStop(successorPid: number): Promise<void> {
  passOn("SIGTERM", successorPid);
  while (isAlive(successorPid)) await sleep(50);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
