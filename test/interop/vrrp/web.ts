import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Running, start, until } from "../../e2e/lbctl.ts";
import type { LoadSummary } from "../../kernel/guest/client-load-summary.ts";
import type { Node } from "./ethernet.ts";

const checkout = join(import.meta.dirname, "../../..");

/** A web server on port 80 of a node that answers with the node's name. */
export interface WebServer {
  /** Of its master process, as a script would find it. */
  readonly pidFile: string;
  stop(): Promise<void>;
}

export async function startNginx(node: Node, directory: string): Promise<WebServer> {
  const own = join(directory, `nginx-${node.name}`);
  mkdirSync(own, { recursive: true });
  const pidFile = join(own, "nginx.pid");
  writeFileSync(
    join(own, "nginx.conf"),
    `daemon off; worker_processes 1; pid ${pidFile}; error_log ${join(own, "error.log")};
     events {}
     http {
       access_log off;
       ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((each) => `${each}_temp_path ${own}/${each};`).join(" ")}
       server { listen 80; location / { return 200 "${node.name}"; } }
     }`,
  );
  const running = start(...node.inside("nginx", "-p", own, "-c", join(own, "nginx.conf")));
  await until(
    "nginx listens",
    () => node.run("ss", "-Hltn", "sport", "=", ":80") !== "",
    () => running.stderr(),
  );
  return {
    pidFile,
    stop: async () => {
      running.signal("SIGTERM");
      await running.ended;
    },
  };
}

/** A client that asks all the time. */
export class Client {
  readonly #running: Running;

  private constructor(running: Running) {
    this.#running = running;
  }

  /** Each request has a connection of its own, and time enough for a machine that stands still for seconds. */
  static async start(node: Node, url: string, rate = 20): Promise<Client> {
    const program = join(checkout, "test/kernel/guest/client-load.ts");
    const words = ["--url", url, "--rate", String(rate), "--deadline-ms", "10000", "--changes"];
    const running = start(...node.inside(process.execPath, program, ...words));
    await until(
      "the client runs",
      () => running.stdout().includes("running"),
      () => running.stderr(),
    );
    return new Client(running);
  }

  /** Waits until this server is the one that answers. */
  served(by: string): Promise<void> {
    const last = () => this.#running.stdout().trim().split("\n").at(-1);
    return until(
      `clients are served by ${by}`,
      () => last() === `from ${by}`,
      () => this.#running.stdout() + this.#running.stderr(),
    );
  }

  /** Ends it, and says how its requests went. */
  async stop(): Promise<LoadSummary> {
    this.#running.signal("SIGTERM");
    const { status, stdout, stderr } = await this.#running.ended;
    if (status !== 0) throw new Error(`the client ended with ${status}: ${stderr}`);
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as LoadSummary;
  }
}
