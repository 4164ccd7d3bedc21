import { spawn } from "node:child_process";
import { openSync, rmSync } from "node:fs";

/**
 * Holds the director of the demo: `leash.ts DIRECTORY LOG PROGRAM ARGUMENT...` runs the program with Node.js, tells its parent
 * when that ends, and ends it when the parent is gone, whatever killed the parent. Then the directory is removed.
 */
const [directory, log, ...program] = process.argv.slice(2);
if (directory === undefined || log === undefined) throw new Error("usage: leash.ts DIRECTORY LOG PROGRAM ARGUMENT...");

const graceMs = 5000;

process.title = "lbctl demo: leash";
const output = openSync(log, "a");
const director = spawn(process.execPath, program, { stdio: ["ignore", output, output] });

process.on("disconnect", () => {
  director.kill("SIGTERM");
  setTimeout(() => director.kill("SIGKILL"), graceMs).unref();
  if (director.exitCode !== null || director.signalCode !== null) finish(1);
});
director.once("exit", (code) => {
  if (process.connected) process.send?.({ kind: "ended" });
  else finish(code ?? 1);
});

function finish(status: number): never {
  rmSync(directory as string, { recursive: true, force: true });
  process.exit(status);
}
