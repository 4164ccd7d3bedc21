import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { Credentials } from "./program.ts";

const run = promisify(execFile);

/** Somebody that a program can run as. */
export interface Account {
  /** A number where the system has no name. */
  readonly name: string;
  readonly home: string;
  readonly credentials: Credentials;
}

/** No such user or group; `name` is what was looked for. */
export class UnknownAccount extends Error {
  readonly kind: "user" | "group";
  readonly account: string;

  constructor(kind: "user" | "group", account: string) {
    super(`there is no ${kind} ${account} on this machine`);
    this.kind = kind;
    this.account = account;
  }
}

/**
 * Whose rights a name stands for: the system's own answer (files, LDAP, ...), with the user's supplementary groups. Numbers are
 * taken as they are. `group` null: the user's own. @throws UnknownAccount
 */
export async function accountOf(user: string, group: string | null): Promise<Account> {
  const entry = await lookUp("passwd", user);
  const numeric = /^\d+$/.test(user) ? Number(user) : null;
  if (entry === null && numeric === null) throw new UnknownAccount("user", user);
  const uid = entry === null ? (numeric as number) : Number(entry[2]);
  const gid = group === null ? Number(entry?.[3] ?? uid) : await groupId(group);
  if (entry === null) return { name: user, home: "/", credentials: { uid, gid, groups: [] } };
  const [name = user] = entry;
  const { stdout } = await run("id", ["-G", name]);
  return { name, home: entry[5] || "/", credentials: { uid, gid, groups: stdout.trim().split(" ").map(Number) } };
}

/** How long a directory service may take to say who somebody is. */
const nameWithinMs = 1_000;

/** The name of a user as the system knows it (files, LDAP, ...); null where it knows none, or not within a second. */
export async function userName(uid: number, withinMs = nameWithinMs): Promise<string | null> {
  try {
    const local = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
    const [name = ""] =
      local.find((fields) => fields[2] === `${uid}`) ?? (await lookUp("passwd", `${uid}`, withinMs)) ?? [];
    return name === "" ? null : name;
  } catch {
    return null;
  }
}

/** The number of a group. @throws UnknownAccount */
export async function groupId(group: string): Promise<number> {
  const entry = await lookUp("group", group);
  if (entry !== null) return Number(entry[2]);
  if (/^\d+$/.test(group)) return Number(group);
  throw new UnknownAccount("group", group);
}

/** The fields of an entry, or null when there is none (getent(1) exits with 2). */
async function lookUp(database: "passwd" | "group", key: string, timeoutMs = 0): Promise<string[] | null> {
  try {
    const { stdout } = await run("getent", ["--", database, key], { timeout: timeoutMs, killSignal: "SIGKILL" });
    return stdout.trim().split(":");
  } catch (error) {
    if ((error as { code?: unknown }).code === 2) return null;
    throw error;
  }
}
