import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Running, start, until } from "../../e2e/lbctl.ts";
import type { Node } from "../vrrp/ethernet.ts";

const programs = "/usr/lib/frr";

export interface FrrPeer {
  /** Words behind "peer": "192.0.2.1 local-address 192.0.2.2 interface eth0". */
  readonly peer: string;
  readonly multiplier: number;
  readonly intervalMs: number;
}

/** FRR's bfdd. */
export class FrrBfd {
  readonly #node: Node;
  readonly #directory: string;
  readonly #running: readonly Running[];

  private constructor(node: Node, directory: string, running: readonly Running[]) {
    this.#node = node;
    this.#directory = directory;
    this.#running = running;
  }

  static async start(node: Node, peers: readonly FrrPeer[]): Promise<FrrBfd> {
    // Its daemons run as a user of their own.
    const own = mkdtempSync(join(tmpdir(), "lbctl-bfdd-"));
    chmodSync(own, 0o777);
    const text = [
      "bfd",
      ...peers.flatMap(({ peer, multiplier, intervalMs }) => [
        ` peer ${peer}`,
        `  detect-multiplier ${multiplier}`,
        `  receive-interval ${intervalMs}`,
        `  transmit-interval ${intervalMs}`,
        " !",
      ]),
      "!",
      "",
    ].join("\n");
    writeFileSync(join(own, "zebra.conf"), "");
    writeFileSync(join(own, "bfdd.conf"), text);
    const daemon = (name: string, ...more: readonly string[]) => {
      const files = ["-f", join(own, `${name}.conf`), "-i", join(own, `${name}.pid`), "--vty_socket", own];
      const shared = ["-z", join(own, "zserv.api"), "--log", "stdout"];
      return start(...node.inside(join(programs, name), ...files, ...shared, ...more));
    };
    const zebra = daemon("zebra");
    await until(
      "zebra listens",
      () => node.run("ss", "-Hlx").includes(join(own, "zserv.api")),
      () => zebra.stdout(),
    );
    return new FrrBfd(node, own, [zebra, daemon("bfdd", "--bfdctl", join(own, "bfdd.sock"))]);
  }

  /** What it tells of its sessions, by the address of the peer. */
  peers(): ReadonlyMap<string, Readonly<Record<string, unknown>>> {
    const text = this.vtysh("show bfd peers json");
    return new Map((JSON.parse(text) as { peer: string }[]).map((each) => [each.peer, { ...each }]));
  }

  /** Runs commands, one after the other. */
  vtysh(...commands: readonly string[]): string {
    const words = commands.flatMap((command) => ["-c", command]);
    return this.#node.run("vtysh", "--vty_socket", this.#directory, "-d", "bfdd", ...words);
  }

  async becomes(peer: string, status: "up" | "down"): Promise<void> {
    await until(
      `FRR says that ${peer} is ${status}`,
      () => {
        try {
          return this.peers().get(peer)?.status === status;
        } catch {
          return false;
        }
      },
      () => this.log(),
    );
  }

  log(): string {
    return this.#running.map((running) => running.stdout() + running.stderr()).join("");
  }

  async stop(): Promise<void> {
    for (const running of this.#running) running.signal("SIGKILL");
    await Promise.all(this.#running.map(({ ended }) => ended));
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
