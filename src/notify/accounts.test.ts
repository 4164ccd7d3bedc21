import { expect, test } from "vitest";
import { credentialsOf, UnknownAccount } from "./accounts.ts";

test("users and groups by name and by number", async () => {
  expect(await credentialsOf("root", null)).toMatchObject({ uid: 0, gid: 0 });
  expect((await credentialsOf("nobody", null)).uid).toBe(65534);
  expect(await credentialsOf("nobody", "daemon")).toMatchObject({ uid: 65534, gid: 1 });
  expect(await credentialsOf("4242", "4343")).toEqual({ uid: 4242, gid: 4343, groups: [] });
});

test("who does not exist is named", async () => {
  await expect(credentialsOf("no-such-user", null)).rejects.toThrow(new UnknownAccount("user", "no-such-user"));
  await expect(credentialsOf("root", "no-such-group")).rejects.toThrow("there is no group no-such-group");
  await expect(credentialsOf("--help", null)).rejects.toThrow(UnknownAccount);
});
