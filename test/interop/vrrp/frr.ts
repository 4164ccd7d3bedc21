import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Running, start, until } from "../../e2e/lbctl.ts";
import type { Node } from "./ethernet.ts";

const programs = "/usr/lib/frr";

export interface FrrInstance {
  readonly virtualRouterId: number;
  readonly priority: number;
  /** A multiple of 10. */
  readonly advertMs: number;
  /** With prefix length, of one family. */
  readonly addresses: readonly string[];
}

/** FRR's vrrpd: version 3, on a macvlan that it finds there and holds back (protodown) while it is backup. */
export class FrrRouter {
  readonly node: Node;
  readonly #running: readonly Running[];
  readonly #device: string;
  readonly #directory: string;

  private constructor(node: Node, device: string, directory: string, running: readonly Running[]) {
    this.node = node;
    this.#directory = directory;
    this.#device = device;
    this.#running = running;
  }

  static async start(node: Node, instance: FrrInstance): Promise<FrrRouter> {
    const { virtualRouterId: id, priority, advertMs, addresses } = instance;
    const family = addresses[0]?.includes(":") ? 6 : 4;
    // Its daemons run as a user of their own, who cannot look into `directory`.
    const own = mkdtempSync(join(tmpdir(), "lbctl-frr-"));
    chmodSync(own, 0o777);
    const device = `vrrp${family}-${id}`;
    if (!node.ip("-br link").includes(device)) {
      const mac = `00:00:5e:00:0${family === 4 ? 1 : 2}:${id.toString(16).padStart(2, "0")}`;
      node.ip(`link add ${device} link eth0 address ${mac} type macvlan mode bridge`);
      node.ip(`link set ${device} addrgenmode none`);
      for (const address of addresses) node.ip(`address add ${address} dev ${device}${family === 6 ? " nodad" : ""}`);
      // What adverts come from: not made of the address that all routers have there.
      if (family === 6) node.ip(`address add fe80::${node.number}:${id}/64 dev ${device} nodad`);
      node.ip(`link set ${device} up`);
    }
    const text = [
      "interface eth0",
      ` vrrp ${id} version 3`,
      ` vrrp ${id} priority ${priority}`,
      ` vrrp ${id} advertisement-interval ${advertMs}`,
      ...addresses.map((address) => ` vrrp ${id} ${family === 6 ? "ipv6" : "ip"} ${address.split("/")[0]}`),
      "",
    ].join("\n");
    writeFileSync(join(own, "zebra.conf"), "");
    writeFileSync(join(own, "vrrpd.conf"), text);
    const daemon = (name: string) => {
      const files = ["-f", join(own, `${name}.conf`), "-i", join(own, `${name}.pid`), "--vty_socket", own];
      const shared = ["-z", join(own, "zserv.api"), "--log", "stdout"];
      return start(...node.inside(join(programs, name), ...files, ...shared));
    };
    const zebra = daemon("zebra");
    await until(
      "zebra listens",
      () => node.run("ss", "-Hlx").includes(join(own, "zserv.api")),
      () => zebra.stdout(),
    );
    return new FrrRouter(node, device, own, [zebra, daemon("vrrpd")]);
  }

  get pid(): number {
    return this.#running[1]?.pid ?? 0;
  }

  /** Its device forwards: it is master. */
  isMaster(): boolean {
    const [link] = JSON.parse(this.node.ip(`-json -details link show ${this.#device}`)) as { flags: string[] }[];
    return link?.flags.includes("LOWER_UP") === true;
  }

  log(): string {
    return this.#running.map((running) => running.stdout() + running.stderr()).join("");
  }

  async reload(): Promise<void> {
    throw new Error("it is started again with another configuration");
  }

  async stop(): Promise<void> {
    for (const running of [...this.#running].reverse()) {
      running.signal("SIGTERM");
      await running.ended;
    }
  }

  async kill(): Promise<void> {
    for (const running of this.#running) running.signal("SIGKILL");
    await Promise.all(this.#running.map(({ ended }) => ended));
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
