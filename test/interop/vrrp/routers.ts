import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { requestControl } from "../../../src/control/client.ts";
import type { StatusDocument, VrrpInstanceStatus } from "../../../src/control/status-document.ts";
import { runDir } from "../../../src/supervisor/program/run-dir.ts";
import { childrenOf, Daemon, program, runs, start, until } from "../../e2e/lbctl.ts";
import type { Node } from "./ethernet.ts";

/** A VRRP router that runs in a node: lbctl, or its peer from Debian. */
export interface VrrpRouter {
  readonly node: Node;
  /** Of the process that started the others. */
  readonly pid: number;
  log(): string;
  /** Another configuration, by SIGHUP. */
  reload(text: string): Promise<void>;
  /** SIGTERM, and the end that follows. */
  stop(): Promise<void>;
  /** SIGKILL to all of it at once. */
  kill(): Promise<void>;
}

/** A running keepalived of a pair. */
export interface KeepalivedRouter extends VrrpRouter {
  /** Waits until the last state that its log tells is this one. */
  becomes(state: "MASTER" | "BACKUP"): Promise<void>;
}

export interface StartOptions {
  /** Words in front of its own. */
  readonly wrapper?: readonly string[];
  /** Health checks, too. */
  readonly checks?: boolean;
  /** More of its options. */
  readonly flags?: readonly string[];
}

/** keepalived, VRRP and BFD. */
export async function startKeepalived(
  node: Node,
  directory: string,
  text: string,
  { wrapper = [], checks = false, flags = [] }: StartOptions = {},
): Promise<KeepalivedRouter> {
  const own = join(directory, `keepalived-${node.name}`);
  mkdirSync(own, { recursive: true });
  const [file, pid, vrrpPid] = [join(own, "keepalived.conf"), join(own, "pid"), join(own, "vrrp.pid")];
  const [bfdPid, checkersPid] = [join(own, "bfd.pid"), join(own, "checkers.pid")];
  writeFileSync(file, text);
  // Of one that was killed; it believes them while another process has the number.
  for (const left of [pid, vrrpPid, bfdPid, checkersPid]) rmSync(left, { force: true });
  const [command, words] = node.inside(
    ...wrapper,
    "keepalived",
    ...(checks ? ["-c", checkersPid] : ["-P"]),
    "-n",
    "-l",
    "-f",
    file,
    "-p",
    pid,
    "-r",
    vrrpPid,
    "-b",
    bfdPid,
    ...flags,
  );
  const running = start(command, words);
  const pids = () => [...childrenOf(running.pid), running.pid];
  const log = () => running.stdout() + running.stderr();
  return {
    node,
    pid: running.pid,
    log,
    becomes: (state) =>
      until(
        `keepalived of ${node.name} is ${state}`,
        () =>
          log()
            .match(/\w+(?= STATE)/g)
            ?.at(-1) === state,
        log,
      ),
    reload: async (next) => {
      writeFileSync(file, next);
      running.signal("SIGHUP");
    },
    stop: async () => {
      running.signal("SIGTERM");
      await running.ended;
    },
    kill: async () => {
      // Or it would start others anew while these are killed.
      running.signal("SIGSTOP");
      for (const each of pids()) if (runs(each)) process.kill(each, "SIGKILL");
      await running.ended;
    },
  };
}

export type Form = "keepalived.conf" | "yaml";

/** A running lbctl of a pair. */
export interface LbctlRouter extends VrrpRouter {
  readonly daemon: Daemon;
  readonly runDir: string;
  readonly configFile: string;
  vrrpPid(): number;
  status(): Promise<StatusDocument>;
  instance(name?: string): Promise<VrrpInstanceStatus>;
  /** Waits until status tells this state. */
  becomes(state: string, name?: string): Promise<void>;
  /** Waits until it has heard a master of this priority. */
  heard(priority: number, name?: string): Promise<void>;
  /**
   * Waits until it has sent so many more adverts as master: four are more than a master-down interval, after which everybody who would
   * take over has.
   */
  advertises(times: number, name?: string): Promise<void>;
  /** Runs a command of lbctl against it. */
  lbctl(
    ...words: readonly string[]
  ): Promise<{ readonly status: number | null; readonly stdout: string; readonly stderr: string }>;
}

/** lbctl, from a text in either language. */
export async function startLbctl(
  node: Node,
  directory: string,
  text: string,
  form: Form = "keepalived.conf",
  { wrapper = [], checks = false, flags = [] }: StartOptions = {},
): Promise<LbctlRouter> {
  const own = join(directory, `lbctl-${node.name}`);
  mkdirSync(own, { recursive: true });
  const configFile = join(own, form === "yaml" ? "lbctl.yaml" : "keepalived.conf");
  writeFileSync(configFile, text);
  const dir = join(own, "run");
  const words = [
    program,
    "run",
    "-f",
    configFile,
    "--run-dir",
    dir,
    "--log",
    "console",
    ...(checks ? [] : ["--vrrp"]),
    ...flags,
  ];
  const daemon = new Daemon(start(...node.inside(...wrapper, ...words)));
  const status = (): Promise<StatusDocument> => requestControl(runDir(dir).controlSocket, "GET /v1/status", null);
  const instance = async (name = "VI_1") => {
    const find = async () => (await status()).vrrp_instances.find((each) => each.name === name);
    await until(`status knows ${name}`, async () => (await find()) !== undefined);
    const found = await find();
    if (found === undefined) throw new Error(`status knows ${name} no more`);
    return found;
  };
  await daemon.logged(/initialize -> /);
  return {
    node,
    get pid() {
      return daemon.pid;
    },
    daemon,
    runDir: dir,
    configFile,
    log: () => daemon.log(),
    vrrpPid: () => daemon.child("vrrp"),
    status,
    instance,
    becomes: (state, name = "VI_1") =>
      until(
        `${name} of ${node.name} is ${state}`,
        async () => (await instance(name)).state === state,
        () => daemon.log(),
      ),
    heard: (priority, name = "VI_1") =>
      until(
        `${node.name} hears a master of priority ${priority}`,
        async () => (await instance(name)).master?.priority === priority,
        () => daemon.log(),
      ),
    advertises: async (times, name = "VI_1") => {
      const sent = async () => (await instance(name)).counters.advertisements_sent ?? 0;
      const hasSent = (count: number) =>
        until(
          `${node.name} has sent ${count} adverts`,
          async () => (await sent()) >= count,
          () => daemon.log(),
        );
      // Counters are told late: the next number is as of now.
      await hasSent((await sent()) + 1);
      await hasSent((await sent()) + times);
    },
    lbctl: (...rest) => start(program, [...rest, "--run-dir", dir]).ended,
    reload: async (next) => {
      writeFileSync(configFile, next);
      await requestControl(runDir(dir).controlSocket, "POST /v1/reload", null);
    },
    stop: async () => void (await daemon.stop()),
    kill: () => daemon.kill(),
  };
}

/** What is in a file, or nothing while there is none. */
export function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
