import type { Account } from "./accounts.ts";

/** Where programs without a path are looked for, by us and by scripts: what a service is given, whatever PATH we were started with. */
export const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The whole environment of a script; nothing of the daemon's own gets there. */
export function scriptEnvironment({ name, home }: Pick<Account, "name" | "home">): Readonly<Record<string, string>> {
  return { PATH: searchPath, HOME: home, USER: name, LOGNAME: name, SHELL: "/bin/sh", LANG: "C.UTF-8" };
}
