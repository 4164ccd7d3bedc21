import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ControlRoute } from "../../src/control/api.ts";
import type { StatusDocument } from "../../src/control/status-document.ts";
import type { Guest } from "./uml/guest.ts";
import type { Job, JobResult } from "./uml/job.ts";

/** lbctl: of this checkout, or one that was installed from a package. */
export const program = process.env.LBCTL_TEST_PROGRAM ?? join(import.meta.dirname, "../../bin/lbctl");
const main = join(import.meta.dirname, "../../src/cli/main.ts");
let nodes = 0;

/** What `lbctl convert` makes of a keepalived.conf. */
export function asYaml(file: string, configId = "main"): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, "convert", file, "-i", configId], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`lbctl convert: ${stderr}`);
  return stdout;
}

/** The operations that a reload with the same settings, written as YAML by `lbctl convert`, would take. */
export async function plannedAsYaml(node: DirectorNode, file: string, configId = "main"): Promise<unknown> {
  writeFileSync(node.configFile, asYaml(file, configId));
  const { stdout, stderr } = await node.lbctl("plan", "-f", node.configFile, "--json");
  if (stdout === "") throw new Error(`lbctl plan: ${stderr}`);
  return (JSON.parse(stdout) as { readonly operations: unknown }).operations;
}

/** The HTTP status, and what came with it. */
export interface ControlAnswer {
  readonly status: number;
  readonly body: { readonly error?: { readonly code: string; readonly message: string } };
}

/** A director node: `lbctl run` in a namespace of the guest, and the commands that speak to it. */
export interface DirectorNode {
  readonly configFile: string;
  /** Writes the configuration; `reload` or `start` makes it count. JSON is YAML. */
  configure(config: unknown): void;
  /** Starts the daemon and waits until the table is as wanted. */
  start(...options: readonly string[]): Promise<Daemon>;
  /** The shell words of a command of lbctl. */
  command(...words: readonly string[]): string;
  /** Any other command of lbctl. */
  lbctl(...words: readonly string[]): Promise<JobResult>;
  status(): Promise<StatusDocument>;
  /** Asks the control socket, without the second that Node takes to start in a guest. */
  request(route: ControlRoute, body: object | null): Promise<ControlAnswer>;
  /** `ipvsadm` in the director's namespace; rejects when it fails. */
  ipvsadm(words: string): Promise<string>;
  /** The table as `ipvsadm -Sn` prints it, sorted. */
  table(): Promise<readonly string[]>;
}

export interface Daemon {
  readonly job: Job;
  log(): string;
  /** Process ids inside the guest. */
  pids(): Promise<{ readonly supervisor: number; readonly checker: number }>;
  /** Waits until the log has the text. */
  logged(text: string | RegExp, timeoutMs?: number): Promise<void>;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<JobResult>;
}

/** `patienceMs` is how long a start may take: in a guest without a processor of its own a while. */
export function directorNode(
  guest: Guest,
  namespace: string,
  runDir = `/run/lbctl-${namespace}`,
  patienceMs = 120_000,
): DirectorNode {
  const configFile = join(guest.sharedDir, `${namespace}-${++nodes}.yaml`);
  const ipvsadm = (words: string) => guest.sh(`ipvsadm ${words}`, { namespace });
  const command = (...words: readonly string[]) => `${program} ${words.join(" ")} --run-dir ${runDir}`;
  const lbctl = (...words: readonly string[]) => guest.exec(command(...words), { namespace, timeoutMs: 120_000 });
  return {
    configFile,
    configure: (config) => writeFileSync(configFile, JSON.stringify(config, null, 2)),
    command,
    lbctl,
    ipvsadm,
    table: async () => (await ipvsadm("-Sn")).trim().split("\n").sort(),
    // As `lbctl status --json` asks, without the second that Node takes to start in a guest.
    status: async () =>
      JSON.parse(
        await guest.sh(`curl -sS --unix-socket ${runDir}/control.sock http://lbctl/v1/status`),
      ) as StatusDocument,
    request: async (route, body) => {
      const [method, path] = route.split(" ");
      const data = body === null ? "" : `-H 'content-type: application/json' -d '${JSON.stringify(body)}'`;
      const url = `--unix-socket ${runDir}/control.sock http://lbctl${path}`;
      const answer = await guest.sh(`curl -sS -X ${method} ${data} -w '\\n%{http_code}' ${url}`);
      const [text = "", status] = answer.split(/\n(?=\d+$)/);
      return { status: Number(status), body: JSON.parse(text) };
    },
    start: async (...options) => {
      const run = command("run", "-f", configFile, "--log", "console", ...options);
      const job = guest.start(`exec ${run}`, { namespace, timeoutMs: 1_000_000 });
      const daemon = daemonOf(guest, job, runDir);
      await daemon.logged("ready:", patienceMs);
      return daemon;
    },
  };
}

function daemonOf(guest: Guest, job: Job, runDir: string): Daemon {
  let ended: JobResult | null = null;
  job.done.then(
    (result) => {
      ended = result;
    },
    () => {},
  );
  const logged: Daemon["logged"] = async (text, timeoutMs = 120_000) => {
    const giveUpAtMs = Date.now() + timeoutMs;
    while (!(typeof text === "string" ? job.stderr().includes(text) : text.test(job.stderr()))) {
      if (ended !== null)
        throw new Error(`lbctl run ended with ${ended.status} before it logged ${text}:\n${ended.stderr}`);
      if (Date.now() > giveUpAtMs) throw new Error(`lbctl run did not log ${text}:\n${job.stderr()}`);
      await sleep(50);
    }
  };
  return {
    job,
    log: () => job.stderr(),
    logged,
    pids: async () => {
      const supervisor = Number(await guest.sh(`cat ${runDir}/lbctl.pid`));
      const children = await guest.sh(
        `for p in $(cat /proc/${supervisor}/task/*/children); do tr '\\0' ' ' </proc/$p/cmdline; echo " $p"; done`,
      );
      const checker = children.split("\n").find((line) => line.startsWith("lbctl: checker"));
      return { supervisor, checker: Number(checker?.trim().split(" ").at(-1)) };
    },
    stop: async () => {
      job.signal("TERM");
      return job.done;
    },
  };
}
