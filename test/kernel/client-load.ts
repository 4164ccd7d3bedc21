import { expect } from "vitest";
import type { LoadSummary } from "./guest/client-load-summary.ts";
import { nodeCommand } from "./guest-node.ts";
import type { Guest } from "./uml/guest.ts";

export type LoadOptions = {
  readonly url: string;
  /** Requests per second, default 20. */
  readonly rate?: number;
  /** For one request, from its start to the last byte of the answer; default 10000. */
  readonly deadlineMs?: number;
  /** All over one connection, which is never opened again. */
  readonly hold?: boolean;
  /** Where the client is; default `c`. */
  readonly namespace?: string;
  /** How long it may go on. */
  readonly timeoutMs?: number;
};

export type Load = {
  /** Stops it and waits for the requests under way. */
  stop(): Promise<LoadSummary>;
};

/** Starts a client (guest/client-load.ts) and waits until its first request is out. */
export async function startLoad(guest: Pick<Guest, "start">, options: LoadOptions): Promise<Load> {
  const { url, rate = 20, deadlineMs = 10_000, hold = false, namespace = "c", timeoutMs = 1_000_000 } = options;
  const words = [
    "--url",
    url,
    "--rate",
    String(rate),
    "--deadline-ms",
    String(deadlineMs),
    ...(hold ? ["--hold"] : []),
  ];
  const command = nodeCommand("test/kernel/guest/client-load.ts", ...words);
  const job = guest.start(`exec ${command}`, { namespace, timeoutMs });
  await expect.poll(() => job.stdout() + job.stderr()).toContain("running");
  return {
    async stop() {
      job.signal("TERM");
      const { status, stdout, stderr } = await job.done;
      if (status !== 0) throw new Error(`the client load ended with ${status}: ${stderr}`);
      return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
    },
  };
}
