import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { asYaml, type Daemon, directorNode, plannedAsYaml } from "../lbctl.ts";
import type { Guest } from "../uml/guest.ts";
import type { Job } from "../uml/job.ts";

/** Who looks after a table of its own: lbctl in namespace d1, keepalived in d2. */
export const sides = ["lbctl", "keepalived"] as const;
export type Side = (typeof sides)[number];
export type Both<T> = Readonly<Record<Side, T>>;

/** What stands for the name of the side in a keepalived.conf. */
export const instance = "$\u007b_INSTANCE}";

/**
 * The command line of a script of `keepalived.conf` that writes its arguments down, each side into its own file. Nobody shell-quotes:
 * words only.
 */
export function note(...words: readonly string[]): string {
  return `"/run/note ${instance} ${words.join(" ")}"`;
}

/** lbctl and keepalived run the same file against the same real servers, at the same time, on one kernel. */
export class TwoDirectors {
  readonly #guest: Guest;
  readonly #file: string;
  readonly #node: ReturnType<typeof directorNode>;
  #daemon: Daemon | undefined;
  #keepalived: Job | undefined;

  constructor(guest: Guest) {
    this.#guest = guest;
    this.#file = join(guest.sharedDir, "both.conf");
    this.#node = directorNode(guest, "d1");
  }

  /** `${_INSTANCE}` in the text is the name of the side. Every event goes to a FIFO, as keepalived writes it. */
  configure(globals: readonly string[], servers: string): void {
    const shared = ["script_user root", `lvs_notify_fifo /run/${instance}.fifo`, ...globals];
    writeFileSync(this.#file, `global_defs {\n  ${shared.join("\n  ")}\n}\n${servers}`);
  }

  /** Starts both, and waits for the first table of lbctl. */
  async start(): Promise<void> {
    const { sharedDir } = this.#guest;
    await this.#guest.sh(`printf '#!/bin/sh\\nside=$1; shift; echo "$*" >>${sharedDir}/$side.scripts\\n' >/run/note
      chmod 755 /run/note; mkfifo ${sides.map((side) => `/run/${side}.fifo`).join(" ")}`);
    // Open for reading and writing: it outlives those who write, and nothing is lost while there is none.
    for (const side of sides) {
      this.#guest.start(`exec cat 0<>/run/${side}.fifo >${sharedDir}/${side}.events`, { timeoutMs: 1_000_000 });
    }
    this.#keepalived = this.#guest.start(
      `exec keepalived -C -n -l -i keepalived -p /run/keepalived.pid -c /run/checkers.pid -f ${this.#file}`,
      { namespace: "d2", timeoutMs: 1_000_000 },
    );
    this.#daemon = await this.#node.start("-f", this.#file, "-i", "lbctl");
  }

  /** lbctl alone again, from a file of YAML that says the same. */
  async startAsYaml(): Promise<void> {
    await this.#daemon?.stop();
    writeFileSync(this.#node.configFile, asYaml(this.#file, "lbctl"));
    this.#daemon = await this.#node.start();
  }

  /** Both read the file again. */
  async reload(): Promise<void> {
    await this.#guest.sh("kill -HUP $(cat /run/keepalived.pid)");
    const { status, stderr } = await this.#node.lbctl("reload");
    if (status !== 0) throw new Error(`lbctl reload: ${stderr}`);
  }

  /** What lbctl would change if the file were YAML. */
  plannedAsYaml(): Promise<unknown> {
    return plannedAsYaml(this.#node, this.#file, "lbctl");
  }

  /** An ordered end of both. */
  async stop(): Promise<void> {
    await this.#guest.sh("kill -TERM $(cat /run/keepalived.pid)");
    await Promise.all([this.#daemon?.stop(), this.#keepalived?.done]);
  }

  /** The tables as `ipvsadm -Sn` prints them, and the thresholds, which it leaves out; sorted. */
  async tables(): Promise<Both<readonly string[]>> {
    const printed = await this.#guest.sh(
      "for name in d1 d2; do ip netns exec $name sh -c 'ipvsadm -Sn; ipvsadm -Ln --thresholds'; echo end; done",
    );
    const [lbctl = "", keepalived = ""] = printed.split("end\n");
    const sorted = (text: string) => text.split("\n").filter(Boolean).sort();
    return { lbctl: sorted(lbctl), keepalived: sorted(keepalived) };
  }

  /** The lines that its FIFO had so far. */
  told(side: Side): string[] {
    return this.#written(`${side}.events`);
  }

  /** The arguments of the scripts that have run so far. */
  scripts(side: Side): string[] {
    return this.#written(`${side}.scripts`);
  }

  /** What both have logged, for the message of a test that fails. */
  logs(): string {
    return [this.#daemon?.log(), this.#keepalived?.stdout(), this.#keepalived?.stderr()].join("\n");
  }

  #written(name: string): string[] {
    const path = join(this.#guest.sharedDir, name);
    const text = existsSync(path) ? readFileSync(path, "utf8") : "";
    // What is being written ends without a line end.
    return text
      .slice(0, text.lastIndexOf("\n") + 1)
      .split("\n")
      .filter(Boolean);
  }
}
