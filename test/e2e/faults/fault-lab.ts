import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeNamespace } from "ipvs-netlink/testing";
import { makeCertificates } from "../../../checkers/src/testing/certificates.ts";
import { freePort } from "../../../src/demo/free-port.ts";
import { type Daemon, until } from "../lbctl.ts";
import { VrrpNode } from "../vrrp-nodes.ts";
import type { FromServices, Mode, Ports } from "./services.ts";

/** One virtual server per checker, with this name. */
export const checkers = [
  "TCP_CHECK",
  "HTTP_GET",
  "SSL_GET",
  "SMTP_CHECK",
  "TCP_EXPECT",
  "AGENT_CHECK",
  "GRPC_CHECK",
  "DNS_CHECK",
  "UDP_CHECK",
  "PING_CHECK",
  "MISC_CHECK",
] as const;
export type Checker = (typeof checkers)[number];

/** Every real server is this machine, behind a router as far as the director knows. */
export const server = "10.88.0.1";
const router = "10.77.0.2";
/** What the checks ask from. */
export const source = "10.77.0.5";

/**
 * An lbctl whose every checker asks one machine in another namespace, and everything that can go wrong with that machine, the way
 * to it, and this one.
 */
export class FaultLab {
  readonly director = new VrrpNode();
  readonly #far = makeNamespace();
  readonly #certificates = makeCertificates();
  readonly #services: ChildProcess;
  #daemon: Daemon | null = null;
  #tables = 0;

  constructor() {
    const words = [join(import.meta.dirname, "services.ts"), server, this.#certificates.file(".")];
    this.#far.ip(`addr add ${server}/32 dev lo`);
    this.#services = spawn("ip", ["netns", "exec", this.#far.name, process.execPath, ...words], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
  }

  /** Until the daemon is ready; `connectTimeoutS` is every deadline. */
  async begin(connectTimeoutS: number): Promise<void> {
    const said = once(this.#services, "message");
    const near = this.director.namespace;
    near.ip(`link add name eth0 type veth peer name eth0 netns ${this.#far.name}`);
    near.ip("addr add 10.77.0.1/24 dev eth0");
    this.addSource();
    this.#far.ip(`addr add ${router}/24 dev eth0`);
    near.ip("link set eth0 up");
    this.#far.ip("link set eth0 up");
    this.addRoute();
    const [{ ports }] = (await said) as [Extract<FromServices, { ports: Ports }>];
    this.director.configure(await this.#config(ports, connectTimeoutS));
    this.#daemon = this.director.start();
    await this.#daemon.logged(/ready: /);
  }

  addSource = () => void this.director.namespace.ip(`addr add ${source}/24 dev eth0`);
  removeSource = () => void this.director.namespace.ip(`addr del ${source}/24 dev eth0`);
  addRoute = () => void this.director.namespace.ip(`route replace ${server}/32 via ${router}`);
  removeRoute = () => void this.director.namespace.ip(`route del ${server}/32`);
  /** "blackhole", "unreachable", "prohibit": a route that says so instead of leading there. */
  routeInto = (kind: string) => {
    this.removeRoute();
    this.director.namespace.ip(`route add ${kind} ${server}/32`);
  };
  endRouteInto = (kind: string) => {
    this.director.namespace.ip(`route del ${kind} ${server}/32`);
    this.addRoute();
  };

  /** A packet filter on the machine itself, before anything else: "drop", "reject". Answers how to take it away. */
  filter(verdict: string): () => void {
    const table = `inet fault${++this.#tables}`;
    this.#far.run("nft", `add table ${table}`);
    this.#far.run("nft", `add chain ${table} input { type filter hook input priority 0; }`);
    this.#far.run("nft", `add rule ${table} input ip daddr ${server} ${verdict}`);
    return () => void this.#far.run("nft", `delete table ${table}`);
  }

  /** The machine has no power: nobody answers for its address. */
  unplug = () => void this.#far.ip("link set eth0 down");
  plugIn = () => {
    this.#far.ip("link set eth0 up");
  };

  /** What every service does from now on. */
  async services(mode: Mode): Promise<void> {
    const done = once(this.#services, "message");
    this.#services.send({ mode });
    await done;
  }

  /** The checker process can open nothing. Answers how to end that. */
  takeDescriptors(): () => void {
    const pid = String(this.#daemon?.child("checker"));
    const limit = (soft: string) => void execFileSync("prlimit", ["--pid", pid, `--nofile=${soft}:`]);
    const before = execFileSync("prlimit", ["--pid", pid, "--nofile", "--output=SOFT", "--noheadings"], {
      encoding: "utf8",
    });
    limit("3");
    return () => limit(before.trim());
  }

  descriptors(): number {
    return readdirSync(`/proc/${this.#daemon?.child("checker")}/fd`).length;
  }

  /** Waits until each of them is in the state that is wanted and says why. Answers what else they said. */
  async become(wanted: Readonly<Record<Checker, RegExp | "up">>): Promise<void> {
    let wrong: readonly string[] = [];
    const look = async () => {
      const { virtual_servers } = await this.director.status();
      wrong = checkers.flatMap((name) => {
        const is = virtual_servers.find((each) => each.name === name)?.real_servers[0];
        const says = is?.checks[0]?.reason ?? "";
        const want = wanted[name];
        const right =
          want === "up" ? is?.state === "up" && says.startsWith("ok") : is?.state === "down" && want.test(says);
        return right ? [] : [`${name} is ${is?.state} (${says}), wanted ${want}`];
      });
      return wrong.length === 0;
    };
    await until("every checker says what is wrong", look, () => wrong.join("\n"), 60_000);
  }

  async end(): Promise<void> {
    await this.director.close();
    if (this.#services.connected) this.#services.disconnect();
    if (this.#services.exitCode === null) await once(this.#services, "exit");
    this.#far.delete();
  }

  async #config(ports: Ports, connectTimeoutS: number): Promise<object> {
    const script = this.director.path("ask.sh");
    writeFileSync(
      script,
      `#!/bin/bash
exec 3<>/dev/tcp/${server}/${ports.http} || exit 1
printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3
read -r -d $'\\n' line <&3
[[ $line == *" 200 "* ]]
`,
    );
    chmodSync(script, 0o755);
    const often = { delay_loop: 0.5, retry: 0, warmup: 0 };
    const timing = { ...often, connect_timeout: connectTimeoutS, bindto: source };
    const tls = { enable_sni: null, tls_verify: null, virtualhost: "www.example.org" };
    const checks: Record<Checker, object> = {
      TCP_CHECK: { port: ports.http, TCP_CHECK: timing },
      HTTP_GET: { port: ports.http, HTTP_GET: { url: { path: "/", status_code: 200 }, ...timing } },
      SSL_GET: { port: ports.https, SSL_GET: { url: { path: "/", status_code: 200 }, ...tls, ...timing } },
      SMTP_CHECK: { port: ports.smtp, SMTP_CHECK: timing },
      TCP_EXPECT: { port: ports.redis, TCP_EXPECT: { step: [{ send: "PING\\r\\n", expect: "+PONG" }], ...timing } },
      AGENT_CHECK: { port: ports.agent, AGENT_CHECK: timing },
      GRPC_CHECK: { port: ports.grpc, GRPC_CHECK: timing },
      DNS_CHECK: { port: ports.dns, DNS_CHECK: { type: "A", name: "www.example.org", ...timing } },
      UDP_CHECK: { port: ports.echo, UDP_CHECK: { payload: "c0ffee", require_reply: "c0ffee", ...timing } },
      PING_CHECK: { port: 9, PING_CHECK: timing },
      MISC_CHECK: { port: 9, MISC_CHECK: { misc_path: [script, "root"], misc_timeout: connectTimeoutS, ...often } },
    };
    const virtual_server = await Promise.all(
      checkers.map(async (name) => ({
        name,
        address: "127.0.0.1",
        port: await freePort(),
        protocol: "TCP",
        real_server: [{ address: server, ...checks[name] }],
      })),
    );
    return { SSL: { ca: this.#certificates.file("ca.pem") }, virtual_server };
  }
}
