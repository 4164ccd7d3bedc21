import { canMakeNamespaces } from "ipvs-netlink/testing";
import { afterEach, expect, test } from "vitest";
import { freePort } from "../../src/demo/free-port.ts";
import { type Daemon, DirectorNode, until } from "./lbctl.ts";
import { virtualServer } from "./virtual-server.ts";
import { cabledNodes } from "./vrrp-nodes.ts";
import { ask, WebServer } from "./web-servers.ts";

// Of VRRP and the checks: hung-vrrp.long.test.ts, service.long.test.ts.

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Stops it, and waits until another one does its work. */
async function isReplaced(daemon: Daemon, role: Parameters<Daemon["child"]>[0], name: string) {
  const hung = daemon.child(role);
  process.kill(hung, "SIGSTOP");
  await daemon.logged(new RegExp(`the ${name} process ${hung} has not answered for \\d+ s: it is killed`));
  await until(
    `there is another ${name} process`,
    () => {
      try {
        return daemon.child(role) !== hung;
      } catch {
        return false;
      }
    },
    () => daemon.log(),
  );
}

test("scripts, metrics and the user-space data plane that hang for 30 s are replaced, each by another one that works", {
  timeout: 600_000,
}, async () => {
  const node = new DirectorNode();
  const web = await WebServer.start("web");
  closers.push(
    () => web.stop(),
    () => node.close(),
  );
  const port = await freePort();
  const MISC_CHECK = { misc_path: "/bin/true", misc_timeout: 60 };
  const server = virtualServer("web", port, [web]);
  node.configure({
    global_defs: { metrics_address: 0, script_user: "root" },
    virtual_server: [server, virtualServer("misc", await freePort(), [web], { real_server: [misc(web, MISC_CHECK)] })],
  });
  const daemon = await node.start();
  const url = () => [...daemon.log().matchAll(/served on (http:\S+)\//g)].at(-1)?.[1];
  await until(
    "it listens",
    () => url() !== undefined,
    () => daemon.log(),
  );
  const allUp = () =>
    until("both are up", async () => {
      const { virtual_servers } = await node.status();
      return virtual_servers.every(({ real_servers: [real] }) => real?.state === "up");
    });
  await allUp();
  await Promise.all([
    isReplaced(daemon, "scripts", "scripts"),
    isReplaced(daemon, "web", "web"),
    isReplaced(daemon, "dataplane", "dataplane"),
  ]);
  await until(
    "requests are answered again",
    async () => (await ask(port).catch(() => "")) === "web",
    () => daemon.log(),
  );
  let metrics = "";
  await until(
    "metrics say that each was started again",
    async () => {
      metrics = await fetch(`${url()}/metrics`).then(
        (answer) => answer.text(),
        (error: unknown) => String(error),
      );
      return ["scripts", "web", "dataplane"].every(
        (role) =>
          metrics.includes(`lbctl_process_restarts_total{process="${role}"} 1\n`) &&
          metrics.includes(`lbctl_process_up{process="${role}"} 1\n`),
      );
    },
    () => metrics,
  );
  // The script runs in the new process.
  await node.lbctl("check", `127.0.0.1:${web.port}`, "--virtual-server", "misc");
  await allUp();
  expect((await fetch(`${url()}/healthz`)).status).toBe(200);
});

function misc(server: WebServer, MISC_CHECK: object): object {
  return { address: "127.0.0.1", port: server.port, weight: 1, MISC_CHECK, delay_loop: 1 };
}

test.skipIf(!canMakeNamespaces)(
  "a BFD process that hangs for 10 s is replaced, and its sessions come up again",
  {
    timeout: 600_000,
  },
  async () => {
    const [node, peer] = cabledNodes();
    closers.push(
      () => node.close(),
      () => peer.close(),
    );
    const timing = { min_tx: 200, min_rx: 200, multiplier: 20 };
    node.configure({ bfd_instance: [{ name: "peer", neighbor_ip: "192.0.2.2", ...timing }] });
    peer.configure({ bfd_instance: [{ name: "node", neighbor_ip: "192.0.2.1", ...timing }] });
    const daemon = node.start();
    peer.start();
    const isUp = () =>
      until(
        "the session is up",
        async () => (await node.status().catch(() => undefined))?.bfd_instances[0]?.state === "up",
        () => daemon.log(),
      );
    await isUp();
    await isReplaced(daemon, "bfd", "BFD");
    await until("what the old one told is over", async () => (await node.status()).daemon.bfd === "running");
    await isUp();
    await until(
      "the neighbour has seen it go and come",
      async () => ((await peer.status()).bfd_instances[0]?.counters.came_up ?? 0) >= 2,
      () => daemon.log(),
    );
  },
);
