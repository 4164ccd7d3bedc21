import { expect, test } from "vitest";
import { reasonOf } from "./errors.ts";

const error = (code: string, syscall: string) => Object.assign(new Error(code), { code, syscall });

test.each([
  ["ECONNREFUSED", "connect", { kind: "refused" }],
  ["EHOSTUNREACH", "connect", { kind: "unreachable", errno: "EHOSTUNREACH" }],
  ["ENETUNREACH", "connect", { kind: "unreachable", errno: "ENETUNREACH" }],
  ["ECONNRESET", "read", { kind: "reset", phase: "headers" }],
  ["EPIPE", "write", { kind: "reset", phase: "headers" }],
  ["ETIMEDOUT", "connect", { kind: "deadline", phase: "headers", afterMs: 1235 }],
  ["EADDRINUSE", "bind", { kind: "local", errno: "EADDRINUSE", call: "bind" }],
  ["EADDRNOTAVAIL", "connect", { kind: "local", errno: "EADDRNOTAVAIL", call: "connect" }],
  ["EPERM", "setsockopt", { kind: "local", errno: "EPERM", call: "setsockopt" }],
  ["EMFILE", "socket", { kind: "local", errno: "EMFILE", call: "socket" }],
  ["EMFILE", "connect", { kind: "local", errno: "EMFILE", call: "socket" }],
  ["ERR_SOCKET_BAD_PORT", "", { kind: "local", errno: "EINVAL", call: "connect" }],
])("%s of %s", (code, syscall, reason) => {
  expect(reasonOf(error(code, syscall), "headers", 1234.6)).toEqual(reason);
});

test("an error without a code is still a reason", () => {
  expect(reasonOf(new Error("?"), "body", 0)).toEqual({ kind: "local", errno: "UNKNOWN", call: "connect" });
});
