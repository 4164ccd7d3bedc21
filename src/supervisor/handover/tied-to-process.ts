import { readFileSync } from "node:fs";

/** Process 1 of these ends when the process ends that it was told to run, and the container with it. */
const initsOfContainers = ["tini", "docker-init", "dumb-init", "catatonit", "podman-init", "s6-svscan"];

/** Why another process cannot take this one's place, as nobody would keep it: for people. Null: it can. */
export function tiedToProcess(
  { pid, ppid }: Pick<NodeJS.Process, "pid" | "ppid">,
  comm: () => string = commOfInit,
): string | null {
  if (pid === 1) return "lbctl is process 1 of its container, which would end with it";
  if (ppid !== 1) return null;
  const init = comm();
  return initsOfContainers.includes(init) ? `${init} ends the container when this process ends` : null;
}

function commOfInit(): string {
  try {
    return readFileSync("/proc/1/comm", "utf8").trim();
  } catch {
    return "";
  }
}
