import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";

/** A network namespace of the machine's own kernel, with the programs that tell what is in it. Needs root. */
export interface Namespace {
  readonly name: string;
  /** For `netns` of clients. */
  readonly path: string;
  /** Runs a program in it; answers its output. Throws with its complaint. */
  run(program: string, ...words: readonly string[]): string;
  /** `ip`, one line of words; answers its output. */
  ip(line: string): string;
  /** `ip -json -details`. */
  ipJson(line: string): Record<string, unknown>[];
  delete(): void;
}

/** Whether namespaces can be made here. */
export const canMakeNamespaces = process.platform === "linux" && process.getuid?.() === 0;

/** A name that nothing else on this machine has: what a killed test left behind keeps its name longer than its process its number. */
export const uniqueName = (prefix: string): string => `${prefix}-${randomBytes(4).toString("hex")}`;

/** Makes a namespace that has nothing but a loopback, which is up. */
export function makeNamespace(): Namespace {
  const name = uniqueName("ipvsnl");
  execFileSync("ip", ["netns", "add", name]);
  const run = (program: string, ...words: readonly string[]) =>
    execFileSync("ip", ["netns", "exec", name, program, ...words], { encoding: "utf8", stdio: "pipe" });
  const ip = (line: string) =>
    execFileSync("ip", ["-netns", name, ...line.split(" ")], { encoding: "utf8", stdio: "pipe" });
  ip("link set lo up");
  return {
    name,
    path: `/run/netns/${name}`,
    run,
    ip,
    ipJson: (line) => JSON.parse(ip(`-json -details ${line}`) || "[]") as Record<string, unknown>[],
    delete: () => void execFileSync("ip", ["netns", "del", name]),
  };
}

/**
 * A pair of connected interfaces in the namespace, both up, without IPv6 addresses that come by themselves. Answers
 * their indexes.
 */
export function addVethPair(namespace: Namespace, one: string, other: string): readonly [number, number] {
  namespace.ip(`link add name ${one} type veth peer name ${other}`);
  for (const name of [one, other]) namespace.ip(`link set ${name} addrgenmode none up`);
  const indexOf = (name: string) => namespace.ipJson(`link show ${name}`)[0]?.ifindex as number;
  return [indexOf(one), indexOf(other)];
}
