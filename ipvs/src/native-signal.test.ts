import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const addon = JSON.stringify(fileURLToPath(new URL("../build/Release/ipvs_netlink.node", import.meta.url)));

/** Runs a program with the addon as `calls`; sends it the signals once it has said "ready", and answers the rest of what it says. */
async function said(program: string, ...signals: readonly number[]): Promise<string> {
  const script = `const fs = require("fs"); const calls = require(${addon}); ${program}; console.log("ready")`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (output === "") for (const signal of signals) process.kill(child.pid ?? 0, signal);
    output += text;
  });
  const [status, signal] = await once(child, "close");
  return `${output.replace("ready\n", "").trim()} ${signal ?? status}`;
}

describe("real-time signals", () => {
  test("each is heard by its number, and kills nobody", async () => {
    const program = `const fd = calls.hearSignals(Int32Array.of(36, 63)); let heard = [];
      calls.watch(fd, 1, () => { const at = Buffer.alloc(9); heard.push(...at.subarray(0, fs.readSync(fd, at)));
        if (heard.length === 2) { console.log(heard.sort().join()); process.exit(0); } })`;
    expect(await said(program, 36, 63)).toBe("36,63 0");
  });

  test("there is one listener", async () => {
    const program = `calls.hearSignals(Int32Array.of(36)); console.log(calls.hearSignals(Int32Array.of(37)))`;
    expect(await said(program)).toContain("-16");
  });

  test("one that is ignored does nothing", async () => {
    const program = `calls.ignoreSignals(Int32Array.of(36)); process.on("SIGUSR2", () => process.exit(7));
      setTimeout(() => {}, 60000)`;
    expect(await said(program, 36, 12)).toBe(" 7");
  });

  test("one that cannot be had is refused", async () => {
    const program = `console.log(calls.hearSignals(Int32Array.of(9)), calls.ignoreSignals(Int32Array.of(99)))`;
    expect(await said(program)).toContain("-22 -22");
  });
});
