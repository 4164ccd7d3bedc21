import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { accountOf, UnknownAccount, userName } from "./accounts.ts";

test("users and groups by name and by number", async () => {
  expect(await accountOf("root", null)).toMatchObject({
    name: "root",
    home: "/root",
    credentials: { uid: 0, gid: 0 },
  });
  expect((await accountOf("nobody", null)).credentials.uid).toBe(65534);
  expect(await accountOf("nobody", "daemon")).toMatchObject({ credentials: { uid: 65534, gid: 1 } });
  expect(await accountOf("4242", "4343")).toEqual({
    name: "4242",
    home: "/",
    credentials: { uid: 4242, gid: 4343, groups: [] },
  });
  expect((await accountOf("0", null)).name).toBe("root");
});

test("who does not exist is named", async () => {
  await expect(accountOf("no-such-user", null)).rejects.toThrow(new UnknownAccount("user", "no-such-user"));
  await expect(accountOf("root", "no-such-group")).rejects.toThrow("there is no group no-such-group");
  await expect(accountOf("--help", null)).rejects.toThrow(UnknownAccount);
});

test("the name of a user is the system's answer, whoever gives it, and none where nobody knows it or it takes too long", async () => {
  expect(await userName(0)).toBe("root");
  expect(await userName(4_242_424)).toBeNull();
  const directory = mkdtempSync(join(tmpdir(), "lbctl-accounts-"));
  try {
    const path = join(directory, "getent");
    // As with a directory service: one that knows who it is, one that hangs.
    const knows = 'test "$*" = "-- passwd 70001" && echo "alice:*:70001:70001::/home/alice:/bin/sh" || exit 2';
    writeFileSync(path, `#!/bin/sh\ntest "$3" = 70002 && exec sleep 600\n${knows}\n`, { mode: 0o755 });
    vi.stubEnv("PATH", `${directory}:${process.env.PATH}`);
    expect(await userName(70_001, 60_000)).toBe("alice");
    expect(await userName(70_002)).toBeNull();
    expect(await userName(70_003)).toBeNull();
    rmSync(path);
    vi.stubEnv("PATH", directory);
    expect(await userName(70_001)).toBeNull();
  } finally {
    vi.unstubAllEnvs();
    rmSync(directory, { recursive: true });
  }
});
