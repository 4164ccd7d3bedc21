import { statSync } from "node:fs";

/** Where `ip netns` keeps its names. */
const namesDirectory = "/run/netns";

/**
 * Goes on as this very process in the network namespace of that name (-s): the program is executed again by nsenter(1), with the same
 * arguments. Returns when this is where it runs already, else only with what prevents it, for people.
 */
export function enterNamespace(name: string): string | null {
  const path = `${namesDirectory}/${name}`;
  try {
    if (statSync(path).ino === statSync("/proc/self/ns/net").ino) return null;
  } catch {
    return `there is no network namespace "${name}": "ip netns list" shows those that have a name`;
  }
  try {
    const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
    const environment = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== undefined));
    process.execve?.(
      "/usr/bin/nsenter",
      ["nsenter", `--net=${path}`, "--", ...again],
      environment as Record<string, string>,
    );
  } catch (error) {
    return `cannot enter the network namespace "${name}": ${(error as Error).message}`;
  }
  return `cannot enter the network namespace "${name}": this Node cannot execute another program in its place`;
}
