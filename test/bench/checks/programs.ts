import { execFileSync } from "node:child_process";
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";

const sources = join(import.meta.dirname, "native");
const builtDir = join(import.meta.dirname, "../../../.cache/bench");

const programs = {
  "real-servers": ["real-servers.c", []],
  "delay-link": ["delay-link.c", []],
  "netlink-by-socket.so": ["netlink-by-socket.c", ["-shared", "-fPIC", "-ldl"]],
} as const satisfies Record<string, readonly [string, readonly string[]]>;

/** Path of a program of `native/`, compiled where that has not been done. */
export function program(name: keyof typeof programs): string {
  const [source, flags] = programs[name];
  const [from, to] = [join(sources, source), join(builtDir, name)];
  const age = statSync(to, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (age < statSync(from).mtimeMs) {
    mkdirSync(builtDir, { recursive: true });
    execFileSync("cc", ["-O2", "-Wall", "-Wextra", "-o", to, from, ...flags], { stdio: "inherit" });
  }
  return to;
}
