import { spawn } from "node:child_process";
import { type Nft, NftError } from "./nft.ts";

const deadlineMs = 10_000;

/** The program `nft`, in this process's network namespace or the one that `wrapper` goes into. */
export function nftProgram(wrapper: readonly string[] = []): Nft {
  return (words, input) =>
    new Promise((resolve, reject) => {
      const [program = "nft", ...rest] = [...wrapper, "nft", ...words];
      const child = spawn(program, rest, { stdio: "pipe", timeout: deadlineMs, killSignal: "SIGKILL" });
      let output = "";
      let complaint = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        complaint += text;
      });
      // It may end before it has read everything.
      child.stdin.on("error", () => {});
      child.stdin.end(input);
      child.on("error", (error: NodeJS.ErrnoException) => {
        const absent = error.code === "ENOENT";
        const message = absent ? "the program nft is missing: install nftables" : error.message;
        reject(new NftError(absent ? "absent" : "refused", message));
      });
      child.on("close", (status, signal) => {
        if (status === 0) resolve(output);
        else reject(new NftError("refused", firstLine(complaint) ?? `nft ended with ${signal ?? status}`));
      });
    });
}

function firstLine(text: string): string | null {
  return text.split("\n").find((line) => line.trim() !== "") ?? null;
}
