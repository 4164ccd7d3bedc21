import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { native } from "ipvs-netlink";
import type { Facts } from "../facts.ts";

/** STA_UNSYNC of linux/timex.h. */
const UNSYNCHRONISED = 0x40;
const chronycDeadlineMs = 5_000;

/** Whether somebody keeps the clock right, by the kernel's word or that of who does it. */
export async function clockFacts(): Promise<Facts["clock"]> {
  const observer = isOnlyObserved();
  // timesyncd says so itself where the kernel's own word is hidden (containers).
  if (existsSync("/run/systemd/timesync/synchronized")) return { known: true, value: { synchronised: true, observer } };
  try {
    const status = native().clockStatus();
    if (status >= 0 && (status & UNSYNCHRONISED) === 0) return { known: true, value: { synchronised: true, observer } };
    // chronyd tells the kernel only with rtcsync in its file, which Debian's has and others do not.
    if (!observer && saysSynchronised(await chronyTracking()))
      return { known: true, value: { synchronised: true, observer } };
    if (status < 0) return { known: false, why: "adjtimex is not permitted" };
    return { known: true, value: { synchronised: false, observer } };
  } catch (error) {
    return { known: false, why: (error as Error).message };
  }
}

/** What `chronyc -c tracking` prints, one line of fourteen fields: the last is the leap status (chronyc(1)). */
export function saysSynchronised(tracking: string): boolean {
  const fields = tracking.trim().split(",");
  return fields.length === 14 && ["Normal", "Insert second", "Delete second"].includes(fields[13] ?? "");
}

/** Empty when there is no chrony, or nobody may ask it. */
function chronyTracking(): Promise<string> {
  const options = { timeout: chronycDeadlineMs, killSignal: "SIGKILL" } as const;
  return new Promise((resolve) => {
    execFile("chronyc", ["-c", "-n", "tracking"], options, (error, stdout) => resolve(error === null ? stdout : ""));
  });
}

/** A chronyd that was started with -x compares the clock with others and leaves it alone: as Debian does in containers. */
function isOnlyObserved(): boolean {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      const [program = "", ...words] = wordsOf(pid);
      return program.split("/").at(-1) === "chronyd" && words.includes("-x");
    });
}

function wordsOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}
