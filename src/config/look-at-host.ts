import { readdirSync, readFileSync, statSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { canonicalAddress } from "ipvs-netlink";
import { accountOf } from "../notify/accounts.ts";
import { searchPath } from "../notify/environment.ts";
import { findOnPath, pathFacts } from "../notify/path-facts.ts";
import { type HmacKeyProblem, parseHmacKeyFile } from "../vrrp/packet/hmac-key.ts";
import type { HostFacts, HostQuestions, InterfaceAddress } from "./lints/host-facts.ts";

/** Looks up what the lints ask. What cannot be looked up is left out, and nothing is said of it. */
export async function lookAtHost({ programs, users, files, keyFiles }: HostQuestions): Promise<HostFacts> {
  return {
    interfaces: attempt(() => readdirSync("/sys/class/net")),
    addresses: attempt(interfaceAddresses),
    programs: Object.fromEntries(programs.flatMap((program) => entry(program, () => factsOf(program)))),
    users: Object.fromEntries(await Promise.all(users.map(async (user) => [user, await runnerOf(user)] as const))),
    fileModes: Object.fromEntries(files.flatMap((file) => entry(file, () => statSync(file).mode & 0o7777))),
    keyFiles: Object.fromEntries(keyFiles.flatMap((file) => entry(file, () => keyFileFacts(file)))),
  };
}

function interfaceAddresses(): InterfaceAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.map(({ address, cidr }) => ({
      interface: name,
      address: canonicalAddress(address) ?? address,
      prefixLength: Number(cidr?.split("/")[1] ?? (address.includes(":") ? 128 : 32)),
    })),
  );
}

function factsOf(program: string): HostFacts["programs"][string] {
  const path = program.startsWith("/") ? program : findOnPath(program, searchPath);
  return path === null ? null : pathFacts(path);
}

async function runnerOf(user: string): Promise<HostFacts["users"][string]> {
  return accountOf(user, null).then(
    ({ credentials }) => credentials,
    () => null,
  );
}

const problems = {
  length: "what it holds has not 32 to 64 octets",
  hex: 'what follows "hex:" in it is not pairs of hexadecimal digits',
} as const satisfies Record<HmacKeyProblem, string>;

/** A file that only root may read is no problem for who asks without being root. */
function keyFileFacts(file: string): HostFacts["keyFiles"][string] {
  try {
    const read = parseHmacKeyFile(readFileSync(file));
    return "problem" in read ? { problem: problems[read.problem] } : { mode: statSync(file).mode & 0o7777 };
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    if (code === "EACCES" || code === "EPERM") throw error;
    return { problem: code === "ENOENT" || code === "ENOTDIR" ? "there is no such file" : message };
  }
}

function entry<T>(key: string, look: () => T): [string, T][] {
  try {
    return [[key, look()]];
  } catch {
    return [];
  }
}

function attempt<T>(look: () => T): T | null {
  return entry("", look)[0]?.[1] ?? null;
}
