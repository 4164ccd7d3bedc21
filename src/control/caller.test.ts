import { expect, test } from "vitest";
import { type Caller, mayNameFiles } from "./caller.ts";

const caller = (uid: number | null): Caller => ({ name: "x", description: "x", uid });

test.each<[caller: number | null, daemon: number, group: string | null, may: boolean]>([
  [0, 0, "adm", true],
  [0, 1000, "adm", true],
  [1000, 1000, "adm", true],
  [1000, 0, "adm", false],
  [1000, 0, null, false],
  [1001, 1000, null, false],
  // Without the addon nothing is known of a caller: then the socket is for the daemon's own user and group, unless it was opened.
  [null, 0, null, true],
  [null, 0, "adm", false],
])("user %j may name a file to a daemon of user %i with the group %j: %j", (uid, daemonUid, group, may) => {
  expect(mayNameFiles(caller(uid), daemonUid, group)).toBe(may);
});
