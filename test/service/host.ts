import { spawn } from "node:child_process";
import type { Guest } from "../kernel/uml/guest.ts";
import type { Job, JobOptions } from "../kernel/uml/job.ts";

/** A kernel on which machines are booted: that of a guest, or this machine's own. */
export type Host = Pick<Guest, "exec" | "sh" | "start">;

/** This machine's own kernel. */
export const nativeHost: Host = {
  start,
  exec: (script, options) => start(script, options).done,
  async sh(script, options) {
    const { status, stdout, stderr } = await start(script, options).done;
    if (status === 0) return stdout;
    throw new Error(`status ${status} from: ${script}\n${(stdout + stderr).slice(-4000)}`);
  },
};

/** Descriptor 3 of the script is a pipe that ends with this process. */
function start(script: string, { namespace, timeoutMs = 60_000 }: JobOptions = {}): Job {
  const inside = namespace === undefined ? [] : ["ip", "netns", "exec", namespace];
  const [program = "", ...words] = [...inside, "sh", "-s"];
  const child = spawn(program, words, { stdio: ["pipe", "pipe", "pipe", "pipe"], detached: true });
  child.stdin?.end(script);
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  const signal: Job["signal"] = (name) => {
    try {
      process.kill(-(child.pid ?? 0), `SIG${name}`);
    } catch {
      // It has ended.
    }
  };
  const done = new Promise<Awaited<Job["done"]>>((resolve, reject) => {
    const timer = setTimeout(() => {
      signal("KILL");
      reject(new Error(`not over after ${timeoutMs / 1000} s: ${script}\n${output.stdout}${output.stderr}`));
    }, timeoutMs);
    child.on("error", reject);
    child.on("close", (status) => {
      clearTimeout(timer);
      resolve({ status: status ?? 128, ...output });
    });
  });
  // Whoever waits for it hears of it; nobody has to.
  done.catch(() => {});
  return { done, stdout: () => output.stdout, stderr: () => output.stderr, signal };
}
