import { describe, expect, test } from "vitest";
import { fixtureHost } from "./testing/fixture-host.ts";
import { instance, lintDiagnosticsOf, lintsOf } from "./testing/lints-of.ts";

const withPassword = (password: string) =>
  `vrrp_instance:\n${instance(`authentication: {auth_type: PASS, auth_pass: ${password}}`)}`;
const host = (mode: number) => ({ ...fixtureHost, fileModes: { "lb.yaml": mode } });

describe("passwords", () => {
  test.each([
    ["12345678", []],
    ["123456789", ["auth-pass-too-long 2"]],
    ["äöüäö", ["auth-pass-too-long 2"]],
  ])("%s", (password, expected) => {
    expect(lintsOf(withPassword(password))).toEqual(expected);
  });

  test("the message does not tell the password", () => {
    const [said] = lintDiagnosticsOf(withPassword("verysecret"));
    expect(JSON.stringify([said?.message, said?.hint])).not.toContain("secret");
  });

  test.each([
    [0o600, []],
    [0o640, []],
    [0o644, ["password-readable 2"]],
    [0o604, ["password-readable 2"]],
  ])("in a file of mode %o", (mode, expected) => {
    expect(lintsOf(withPassword("secret"), host(mode))).toEqual(expected);
  });

  test("from the environment it is not in the file", () => {
    expect(lintsOf(withPassword(`"\${env:SECRET:-x}"`), host(0o644))).toEqual([]);
    expect(lintsOf(withPassword("$ecret"), host(0o644))).toEqual(["password-readable 2"]);
  });

  test("once for a file; nothing for one without any, nor for the path of a key", () => {
    const two = `${withPassword("a")}${instance("authentication: {auth_type: PASS, auth_pass: b}", "VI_2", 52)}`;
    expect(lintsOf(two, host(0o644))).toEqual(["password-readable 2"]);
    expect(lintsOf(`vrrp_instance:\n${instance("")}`, host(0o644))).toEqual([]);
    const key = (text: string) =>
      lintsOf(`vrrp_instance:\n${instance(`auth_hmac: {active_key: 1, key: 1 ${text}}`)}`, host(0o644));
    expect(key("file:/etc/key")).toEqual([]);
    expect(key(`hex:${"00".repeat(32)}`)).toEqual(["password-readable 2"]);
  });
});
