import { expect, test } from "vitest";
import { isAllowedHost } from "./allowed-host.ts";

test.each([
  ["127.0.0.1:9650", "127.0.0.1", true],
  ["localhost:9650", "127.0.0.1", true],
  ["lb.localhost", "127.0.0.1", true],
  ["[::1]:9650", "::1", true],
  ["192.0.2.1", "127.0.0.1", true],
  ["evil.example:9650", "127.0.0.1", false],
  ["localhost.evil.example", "127.0.0.1", false],
  ["evil.example", "::1", false],
  ["", "127.0.0.1", false],
  [undefined, "127.0.0.1", false],
  ["lb1.example.net:9650", "192.0.2.1", true],
  ["lb1.example.net:9650", "0.0.0.0", true],
] as const)("Host %s where it listens on %s: %s", (host, listensOn, allowed) => {
  expect(isAllowedHost(host, listensOn)).toBe(allowed);
});
