import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../e2e/lbctl.ts";
import { buildEthernet, type Ethernet, type Node, type NodeName } from "./ethernet.ts";
import { type FrrInstance, FrrRouter } from "./frr.ts";
import { HolderWatch } from "./holder-watch.ts";
import {
  type Form,
  type KeepalivedRouter,
  type LbctlRouter,
  type StartOptions,
  startKeepalived,
  startLbctl,
  type VrrpRouter,
} from "./routers.ts";
import { Client, startNginx, type WebServer } from "./web.ts";
import { WireCapture } from "./wire-capture.ts";

export interface SceneOptions {
  readonly nodes?: readonly NodeName[];
  /** Those that are watched. */
  readonly addresses: readonly string[];
}

/** An Ethernet with everything that a test runs on it, watched all the time. */
export class Scene {
  readonly ethernet: Ethernet;
  readonly directory = mkdtempSync(join(tmpdir(), "lbctl-vrrp-"));
  readonly watch: HolderWatch;
  readonly #routers: VrrpRouter[] = [];
  readonly #captures: WireCapture[] = [];
  readonly #others: { stop(): Promise<unknown> }[] = [];
  readonly #addresses: readonly string[];

  static async open({ nodes = ["r1", "r2"], addresses }: SceneOptions): Promise<Scene> {
    return new Scene(await buildEthernet(nodes), nodes, addresses);
  }

  private constructor(ethernet: Ethernet, nodes: readonly NodeName[], addresses: readonly string[]) {
    this.ethernet = ethernet;
    this.#addresses = addresses;
    const routers = nodes.filter((name) => name !== "c").map((name) => this.node(name));
    this.watch = new HolderWatch(routers, addresses);
  }

  node(name: NodeName): Node {
    return this.ethernet.node(name);
  }

  async lbctl(name: NodeName, text: string, form?: Form, options?: StartOptions): Promise<LbctlRouter> {
    const router = await startLbctl(this.node(name), this.directory, text, form, options);
    this.#routers.push(router);
    return router;
  }

  async keepalived(name: NodeName, text: string, options?: StartOptions): Promise<KeepalivedRouter> {
    const router = await startKeepalived(this.node(name), this.directory, text, options);
    this.#routers.push(router);
    return router;
  }

  async frr(name: NodeName, instance: FrrInstance): Promise<FrrRouter> {
    const router = await FrrRouter.start(this.node(name), instance);
    this.#routers.push(router);
    return router;
  }

  async nginx(name: NodeName): Promise<WebServer> {
    const server = await startNginx(this.node(name), this.directory);
    this.#others.push(server);
    return server;
  }

  /** Asks through a virtual address, all the time, on another machine. */
  async client(url: string): Promise<Client> {
    const client = await Client.start(this.node("c"), url);
    this.#others.push(client);
    return client;
  }

  /** Something else that ends with the scene. */
  alongside(other: { stop(): Promise<unknown> }): void {
    this.#others.push(other);
  }

  /** At the switch: all of an Ethernet. */
  async capture(device: "eth0" | "eth1" = "eth0"): Promise<WireCapture> {
    const capture = await WireCapture.start(this.ethernet.switch, device, this.directory);
    this.#captures.push(capture);
    return capture;
  }

  /** Waits until one node, and no other, has every address (or those given). */
  async holds(name: NodeName, addresses: readonly string[] = this.#addresses): Promise<void> {
    await until(
      `${name} alone holds ${addresses.join(", ")}`,
      () => addresses.every((address) => this.watch.holders(address).join() === name),
      () => this.describe(),
    );
  }

  describe(): string {
    const logs = this.#routers.map((router) => `--- ${router.node.name}\n${router.log()}`);
    return [this.watch.toString(), ...logs].join("\n");
  }

  async close(): Promise<void> {
    this.watch.close();
    await Promise.all(this.#others.map((other) => other.stop().catch(() => {})));
    await Promise.all(this.#captures.map((capture) => capture.stop()));
    await Promise.all(this.#routers.map((router) => router.kill().catch(() => {})));
    await this.ethernet.delete();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Runs `play` in a scene of its own; what fails is told with what the routers logged. */
export async function inScene(options: SceneOptions, play: (scene: Scene) => Promise<void>): Promise<void> {
  const scene = await Scene.open(options);
  try {
    await play(scene);
  } catch (error) {
    if (error instanceof Error) error.message += `\n${scene.describe()}`;
    throw error;
  } finally {
    await scene.close();
  }
}
