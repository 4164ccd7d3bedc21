import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DestinationEntry, TableOperation } from "ipvs-netlink";
import { connectUserspace, type UserspaceDataPlane } from "../client.ts";

const program = join(import.meta.dirname, "..", "main.ts");

/** A data plane process of its own in a directory of its own, and a client of it. */
export interface DataPlaneProcess {
  readonly process: ChildProcess;
  readonly path: string;
  readonly client: UserspaceDataPlane;
  /** Applies, and throws when one is refused. */
  apply(...operations: readonly TableOperation[]): Promise<void>;
  destinations(): Promise<readonly DestinationEntry[]>;
  /** Descriptors that the process holds. */
  descriptors(): number;
  stop(): Promise<void>;
}

export async function startDataPlane(): Promise<DataPlaneProcess> {
  const directory = mkdtempSync(join(tmpdir(), "lbctl-dataplane-"));
  const path = join(directory, "dataplane.sock");
  const child = fork(program, [path], { serialization: "advanced", execArgv: [] });
  await once(child, "message");
  const client = await connectUserspace(path);
  return {
    process: child,
    path,
    client,
    async apply(...operations) {
      for (const result of await client.apply(operations)) if (!result.ok) throw new Error(result.message);
    },
    destinations: async () => (await client.dump())[0]?.destinations ?? [],
    descriptors: () => readdirSync(`/proc/${child.pid}/fd`).length,
    async stop() {
      await client.close();
      if (child.exitCode === null && child.signalCode === null) {
        child.disconnect();
        await once(child, "exit");
      }
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Waits until `condition` holds; throws with `what` after two minutes. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within 120 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
