import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const addon = JSON.stringify(fileURLToPath(new URL("../build/Release/ipvs_netlink.node", import.meta.url)));

/** What a process of its own says after the calls; it begins with the rights of this one. */
function said(program: string): string {
  const script = `const calls = require(${addon}); const status = () => require("fs").readFileSync("/proc/self/status", "utf8");
    const of = (name) => new RegExp("^" + name + ":[ \\\\t]*(.*)$", "m").exec(status())[1].trim(); console.log(${program})`;
  return execFileSync(process.execPath, ["-e", script], { encoding: "utf8", stdio: "pipe" }).trim();
}

const NET_ADMIN = 12;

describe.skipIf(process.getuid?.() !== 0)("giving privileges up", () => {
  test("as somebody else, with one capability that is left", () => {
    expect(
      said(
        `calls.giveUpPrivileges(65534, Int32Array.of(${NET_ADMIN})), process.getuid(), process.getgid(), of("Groups") === "", of("CapPrm"), of("CapEff"), of("NoNewPrivs")`,
      ),
    ).toBe("0 65534 65534 true 0000000000001000 0000000000001000 1");
  });

  test("as who one is; what was given up cannot be had again", () => {
    const again = `calls.giveUpPrivileges(-1, Int32Array.of(${NET_ADMIN})), of("CapEff")`;
    expect(said(`calls.giveUpPrivileges(-1, new Int32Array()), process.getuid(), ${again}`)).toBe(
      "0 0 0 0000000000000000",
    );
  });
});

test("what is no list of numbers is refused", () => {
  expect(() => said("calls.giveUpPrivileges(0, [1])")).toThrow("kept");
});
