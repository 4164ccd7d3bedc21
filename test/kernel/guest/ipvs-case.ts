import { execFileSync } from "node:child_process";

/** One check that runs inside a guest; the host turns each into a test. */
export interface KernelCase {
  readonly name: string;
  run(): Promise<void>;
}

/** What became of it; `error` is null when it held. */
export interface KernelCaseResult {
  readonly name: string;
  readonly error: string | null;
}

/** Runs a program in the guest and answers its output. */
export function command(program: string, args: readonly string[], input = ""): string {
  return execFileSync(program, args, { input, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] });
}

export function ipvsadm(...args: readonly string[]): string {
  return command("ipvsadm", args);
}
