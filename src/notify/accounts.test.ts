import { expect, test } from "vitest";
import { accountOf, UnknownAccount } from "./accounts.ts";

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
