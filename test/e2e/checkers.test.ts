import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeCertificates } from "../../checkers/src/testing/certificates.ts";
import { freePort } from "../../src/demo/free-port.ts";
import { DirectorNode, until } from "./lbctl.ts";

// Each checker against a real service of Debian: up, down with its reason when the service breaks, and back.
const node = new DirectorNode();
const certificates = makeCertificates();
const file = (name: string) => join(node.directory, name);
const services: ChildProcess[] = [];
let port: { web: number; mail: number; names: number };

function run(program: string, ...words: string[]): ChildProcess {
  const child = spawn(program, words, { stdio: "ignore" });
  services.push(child);
  return child;
}

const startMail = () => run("/usr/bin/python3", "-m", "aiosmtpd", "-n", "-l", `127.0.0.1:${port.mail}`);
const startNames = () => run("/usr/sbin/nsd", "-d", "-c", file("nsd.conf"));

/** At once: a script that reads half of it would exit with something else. */
function script(status: number): void {
  writeFileSync(file("status.new"), String(status));
  renameSync(file("status.new"), file("status"));
}

const timing = { delay_loop: 0.3, connect_timeout: 3, retry: 0, warmup: 0 };

beforeAll(async () => {
  port = { web: await freePort(), mail: await freePort(), names: await freePort() };
  mkdirSync(file("www"));
  writeFileSync(file("www/index.html"), "all ready\n");
  writeFileSync(
    file("nginx.conf"),
    `daemon off; master_process off; pid ${file("nginx.pid")}; error_log ${file("nginx.log")}; events {}
     http { access_log off; root ${file("www")}; client_body_temp_path ${file("b")}; proxy_temp_path ${file("p")};
       fastcgi_temp_path ${file("f")}; uwsgi_temp_path ${file("u")}; scgi_temp_path ${file("s")};
       server { listen 127.0.0.1:${port.web} ssl; server_name other; return 503;
         ssl_certificate ${certificates.file("expired.pem")}; ssl_certificate_key ${certificates.file("expired.key")}; }
       server { listen 127.0.0.1:${port.web} ssl; server_name www.example.org;
         ssl_certificate ${certificates.file("good.pem")}; ssl_certificate_key ${certificates.file("good.key")}; } }`,
  );
  writeFileSync(
    file("nsd.conf"),
    `server:\n ip-address: 127.0.0.1@${port.names}\n username: ""\n pidfile: ""\n zonesdir: "${node.directory}"\n` +
      ` database: ""\n xfrdfile: "${file("xfrd")}"\n zonelistfile: "${file("zones")}"\n xfrdir: "${node.directory}"\n server-count: 1\n` +
      `remote-control:\n control-enable: no\nzone:\n name: example.org\n zonefile: example.zone\n`,
  );
  writeFileSync(
    file("example.zone"),
    "$ORIGIN example.org.\n$TTL 60\n@ SOA ns hostmaster 1 60 60 60 60\n@ NS ns\nns A 192.0.2.1\nwww A 192.0.2.2\n",
  );
  writeFileSync(file("check.sh"), `#!/bin/sh\nread -r status <${file("status")}\nexit "$status"\n`);
  chmodSync(file("check.sh"), 0o755);
  script(12);
  run("/usr/sbin/nginx", "-c", file("nginx.conf"), "-e", file("nginx.log"));
  startMail();
  startNames();
  const url = { path: "/index.html", regex: "READY$", regex_options: "caseless", virtualhost: "www.example.org" };
  const checks = {
    ssl: { port: port.web, SSL_GET: { url, enable_sni: null, tls_verify: null, ...timing } },
    no_sni: { port: port.web, SSL_GET: { url: { path: "/" }, ...timing } },
    expired: { port: port.web, SSL_GET: { url: { path: "/", status_code: 503 }, tls_verify: null, ...timing } },
    smtp: { port: port.mail, SMTP_CHECK: { helo_name: "lb.example.org", ...timing } },
    dns: { port: port.names, DNS_CHECK: { type: "A", name: "www.example.org", ...timing } },
    nxdomain: { port: port.names, DNS_CHECK: { type: "A", name: "absent.example.org", ...timing } },
    ping: { port: 9, PING_CHECK: timing },
    udp: {
      port: port.names,
      UDP_CHECK: { payload: "c0ff0100 0001 0000 0000 0000 00 0006 0001", require_reply: "c0ff", ...timing },
    },
    misc: {
      port: 9,
      MISC_CHECK: {
        misc_path: [file("check.sh"), "root"],
        misc_dynamic: null,
        misc_timeout: 20,
        delay_loop: 0.3,
        warmup: 0,
      },
    },
  };
  node.configure({
    SSL: { ca: certificates.file("ca.pem") },
    virtual_server: await Promise.all(
      Object.entries(checks).map(async ([name, check]) => ({
        name,
        address: "127.0.0.1",
        port: await freePort(),
        protocol: "TCP",
        real_server: [{ address: "127.0.0.1", weight: 5, ...check }],
      })),
    ),
  });
  await node.start();
});
afterAll(async () => {
  for (const service of services) service.kill("SIGKILL");
  await node.close();
});

async function realServer(name: string) {
  const { virtual_servers } = await node.status();
  return virtual_servers.find((each) => each.name === name)?.real_servers[0];
}

async function becomes(name: string, state: string, reason = ""): Promise<void> {
  let seen: unknown;
  const holds = async () => {
    seen = await realServer(name);
    const { state: is, reason: why } = seen as { state: string; reason: string };
    return is === state && why.includes(reason);
  };
  await until(`${name} is ${state} ${reason}`, holds, () => JSON.stringify(seen));
}

test.each(["ssl", "smtp", "dns", "ping", "udp", "misc"])("%s: a service that works is up", (name) =>
  becomes(name, "up"),
);

test.each([
  ["no_sni", "status 503"],
  ["expired", "certificate has expired"],
  ["nxdomain", "NXDOMAIN"],
])("%s: one that does not is down: %s", (name, reason) => becomes(name, "down", reason));

test("a mail server that ends is down, and up when it is back", async () => {
  services[1]?.kill("SIGKILL");
  await becomes("smtp", "down", "connect refused");
  startMail();
  await becomes("smtp", "up");
});

test("a name server that stops is down by its deadline, for what asks it and for what wants an answer", async () => {
  services[2]?.kill("SIGKILL");
  await becomes("dns", "down");
  await becomes("udp", "down");
  startNames();
  await becomes("dns", "up");
  await becomes("udp", "up");
});

test("the exit status of a script is the weight, again and again the same; 0 ends that, 1 is down", async () => {
  const weighs = (weight: number) =>
    until(`weight ${weight}`, async () => (await realServer("misc"))?.effective_weight === weight);
  await weighs(10);
  for (const [status, weight] of [
    [22, 20],
    [4, 2],
    [0, 5],
    [255, 253],
  ] as const) {
    script(status);
    await new Promise((resolve) => setTimeout(resolve, 700));
    await weighs(weight);
  }
  script(1);
  await becomes("misc", "down", "script exited with 1");
  script(12);
  await becomes("misc", "up");
  await weighs(10);
  expect((await realServer("misc"))?.state).toBe("up");
});
