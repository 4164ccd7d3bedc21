import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeNamespace, type Namespace } from "ipvs-netlink/testing";
import { requestControl } from "../../src/control/client.ts";
import type { StatusDocument } from "../../src/control/status-document.ts";
import { runDir } from "../../src/supervisor/program/run-dir.ts";
import { Daemon, type Ended, lbctl, program, start, until } from "./lbctl.ts";

/** A director in a network namespace of its own, on an interface `eth0`. */
export class VrrpNode {
  readonly namespace: Namespace = makeNamespace();
  readonly directory = mkdtempSync(join(tmpdir(), "lbctl-vrrp-"));
  readonly configFile = join(this.directory, "lbctl.yaml");
  readonly runDir = join(this.directory, "run");
  #daemons: Daemon[] = [];

  path(name: string): string {
    return join(this.directory, name);
  }

  /** Writes the configuration; `start` or a reload makes it count. JSON is YAML. */
  configure(config: object): void {
    writeFileSync(this.configFile, JSON.stringify(config, null, 2));
  }

  start(...options: readonly string[]): Daemon {
    return this.startWith({}, ...options);
  }

  /** With more in its environment. */
  startWith(env: Readonly<Record<string, string>>, ...options: readonly string[]): Daemon {
    return this.startOnKernel(env, "--dataplane", "userspace", ...options);
  }

  /** As `startWith`, and it can be upgraded. For configurations without virtual servers: this kernel may have no IPVS. */
  startOnKernel(env: Readonly<Record<string, string>> = {}, ...options: readonly string[]): Daemon {
    const words = ["netns", "exec", this.namespace.name, program, "run", "-f", this.configFile, "--log", "console"];
    const daemon = new Daemon(start("ip", [...words, "--run-dir", this.runDir, ...options], env));
    this.#daemons.push(daemon);
    return daemon;
  }

  lbctl(...words: readonly string[]): Promise<Ended> {
    return lbctl([...words, "--run-dir", this.runDir]);
  }

  status(): Promise<StatusDocument> {
    return requestControl(runDir(this.runDir).controlSocket, "GET /v1/status", null);
  }

  async instance(name: string): Promise<StatusDocument["vrrp_instances"][number] | undefined> {
    return (await this.status()).vrrp_instances.find((each) => each.name === name);
  }

  /** Waits until the instance is in the state. */
  async reaches(name: string, state: string): Promise<void> {
    await until(
      `${name} is ${state}`,
      async () => (await this.instance(name).catch(() => undefined))?.state === state,
      () => this.#daemons.map((daemon) => daemon.log()).join("\n"),
    );
  }

  /** Waits until the priority is this. */
  async hasPriority(name: string, priority: number): Promise<void> {
    await until(
      `${name} has priority ${priority}`,
      async () => (await this.instance(name).catch(() => undefined))?.priority === priority,
      () => this.#daemons.map((daemon) => daemon.log()).join("\n"),
    );
  }

  /** Ends what still runs, and leaves nothing. */
  async close(): Promise<void> {
    await Promise.all(this.#daemons.map((daemon) => daemon.kill()));
    this.namespace.delete();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Two nodes whose eth0 are the ends of one cable: 192.0.2.1 and 192.0.2.2. */
export function cabledNodes(): readonly [VrrpNode, VrrpNode] {
  const [one, other] = [new VrrpNode(), new VrrpNode()];
  one.namespace.ip(`link add name eth0 type veth peer name eth0 netns ${other.namespace.name}`);
  for (const [index, { namespace }] of [one, other].entries()) {
    namespace.ip(`address add 192.0.2.${index + 1}/24 dev eth0`);
    namespace.ip("link set eth0 up");
  }
  return [one, other];
}

/** An instance with 100 ms adverts on eth0. */
export function vrrpInstance(name: string, keywords: object = {}): object {
  return {
    name,
    ...{ interface: "eth0", virtual_router_id: 51, version: 3, priority: 100, advert_int: 0.1 },
    virtual_ipaddress: ["192.0.2.100/24"],
    ...keywords,
  };
}
