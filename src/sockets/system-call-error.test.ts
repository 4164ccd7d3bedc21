import { expect, test } from "vitest";
import { checked } from "./system-call-error.ts";

test("a socket that only root may open says which capability it takes", () => {
  expect(() => checked(-1, "socket", "gratuitous ARP")).toThrow(
    "socket for gratuitous ARP: EPERM: root or CAP_NET_RAW is needed",
  );
  expect(() => checked(-1, "bind", "eth0")).toThrow(/^bind for eth0: EPERM$/);
  expect(() => checked(-24, "socket", "eth0")).toThrow(/^socket for eth0: EMFILE$/);
  expect(checked(7, "socket", "eth0")).toBe(7);
});
