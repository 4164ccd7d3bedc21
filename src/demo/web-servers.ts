import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const program = join(import.meta.dirname, "web-server.ts");

/** The web servers of the demo, each a process of its own that ends with the demo at the latest. */
export class WebServers {
  readonly #children = new Map<string, ChildProcess>();

  /** Process ids of those that run. */
  get pids(): readonly number[] {
    return [...this.#children.values()].flatMap(({ pid }) => pid ?? []);
  }

  /** Starts a server on 127.0.0.1, port 0 for any; resolves with its port when it listens. */
  async start(name: string, port: number): Promise<number> {
    const child = fork(program, [name, String(port)], { execArgv: [], stdio: ["ignore", "ignore", "pipe", "ipc"] });
    this.#children.set(name, child);
    let said = "";
    child.stderr?.on("data", (text) => {
      said += String(text);
    });
    const ended = once(child, "exit").then(() => {
      if (this.#children.get(name) === child) this.#children.delete(name);
      return null;
    });
    const message = await Promise.race([once(child, "message"), ended]);
    if (message === null) throw new Error(`the web server ${name} did not start: ${said.trim()}`);
    return (message[0] as { readonly port: number }).port;
  }

  /** Kills a server as a crash would; resolves when it is gone. */
  async kill(name: string): Promise<void> {
    const child = this.#children.get(name);
    if (child === undefined) return;
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  }

  async killAll(): Promise<void> {
    await Promise.all([...this.#children.keys()].map((name) => this.kill(name)));
  }
}
