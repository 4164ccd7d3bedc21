import type { PathFact, Runner } from "../../notify/script-security.ts";

/** What lints know of the host that they run on: plain data, looked up before they run. */
export interface HostFacts {
  /** Names of all interfaces, up or down; null when nobody knows. */
  readonly interfaces: readonly string[] | null;
  /** Of the interfaces that are up; null when nobody knows. */
  readonly addresses: readonly InterfaceAddress[] | null;
  /** What a program's path leads through, by the first word of its command line; null when it is not on the PATH. */
  readonly programs: Readonly<Record<string, readonly PathFact[] | null>>;
  /** Whose rights a user has; null when there is no such user. */
  readonly users: Readonly<Record<string, Runner | null>>;
  /** The permission bits of files of the configuration. */
  readonly fileModes: Readonly<Record<string, number>>;
  /** The permission bits of files of keys, or why there is no key in one. */
  readonly keyFiles: Readonly<Record<string, { readonly mode: number } | { readonly problem: string }>>;
}

export interface InterfaceAddress {
  readonly interface: string;
  /** Canonical. */
  readonly address: string;
  readonly prefixLength: number;
}

/** What is to be looked up. */
export interface HostQuestions {
  /** First words of command lines: absolute paths, and names without a slash. */
  readonly programs: readonly string[];
  readonly users: readonly string[];
  readonly files: readonly string[];
  readonly keyFiles: readonly string[];
}
