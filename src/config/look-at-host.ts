import { readdirSync, statSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { canonicalAddress } from "ipvs-netlink";
import { accountOf } from "../notify/accounts.ts";
import { searchPath } from "../notify/environment.ts";
import { findOnPath, pathFacts } from "../notify/path-facts.ts";
import type { HostFacts, HostQuestions, InterfaceAddress } from "./lints/host-facts.ts";

/** Looks up what the lints ask. What cannot be looked up is left out, and nothing is said of it. */
export async function lookAtHost({ programs, users, files }: HostQuestions): Promise<HostFacts> {
  return {
    interfaces: attempt(() => readdirSync("/sys/class/net")),
    addresses: attempt(interfaceAddresses),
    programs: Object.fromEntries(programs.flatMap((program) => entry(program, () => factsOf(program)))),
    users: Object.fromEntries(await Promise.all(users.map(async (user) => [user, await runnerOf(user)] as const))),
    fileModes: Object.fromEntries(files.flatMap((file) => entry(file, () => statSync(file).mode & 0o7777))),
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
