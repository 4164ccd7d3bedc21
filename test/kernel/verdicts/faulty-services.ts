import { join } from "node:path";
import { startRealServers } from "../real-servers.ts";
import { back } from "../topology.ts";
import type { Guest } from "../uml/guest.ts";

/** Ports of the services that r1 has beside the web server on 80 and 443 and the echo server. */
export const ports = { plain: 8080, slow: 8090, mail: 25, names: 53, echo: 1007 } as const;
/** An address of r1 for PING_CHECK alone. */
export const pinged = "198.51.100.31";

const address = back("r1").v4;
const echoProgram = join(import.meta.dirname, "../guest/udp-echo.pl");
const answer = join(import.meta.dirname, "../guest/tcp-answer.pl");

/** In the background, with its process id in /run/services/NAME.pid. */
const start = (name: string, command: string) =>
  `${command} >/run/services/${name}.log 2>&1 & echo $! >/run/services/${name}.pid`;
const end = (name: string) =>
  `kill -TERM $(cat /run/services/${name}.pid); while kill -0 $(cat /run/services/${name}.pid) 2>/dev/null; do sleep 0.05; done`;
const listening = (port: number, protocol = "tcp") =>
  `until grep -qi ':${port.toString(16).padStart(4, "0").toUpperCase()} ' /proc/net/${protocol}; do sleep 0.05; done`;

const plain = start("plain", `perl ${answer} ${address} ${ports.plain} /run/services/plain`);
const slow = start("slow", `perl ${answer} ${address} ${ports.slow} /run/services/page`);
const mail = start("mail", `python3 -m aiosmtpd -n -l ${address}:${ports.mail}`);
const echo = start("echo", `perl ${echoProgram} r1 ${ports.echo} ${address}`);
const names = (configuration: string) => start("names", `nsd -d -c /run/services/${configuration}.conf`);

const nsdConfiguration = (zone: string) => `server:
  ip-address: ${address}
  username: ""
  pidfile: ""
  database: ""
  zonesdir: /run/services
  xfrdfile: /run/services/xfrd
  zonelistfile: /run/services/zones
  xfrdir: /run/services
  server-count: 1
remote-control:
  control-enable: no
zone:
  name: example.org
  zonefile: ${zone}
`;

const files = `mkdir -p /run/services && cd /run/services
cat >names.conf <<'END'
${nsdConfiguration("example.zone")}
END
cat >servfail.conf <<'END'
${nsdConfiguration("nonesuch.zone")}
END
printf '$ORIGIN example.org.\\n$TTL 60\\n@ SOA ns hostmaster 1 60 60 60 60\\n@ NS ns\\nns A 192.0.2.1\\nwww A 192.0.2.2\\n' >example.zone
printf 'HTTP/1.0 200 OK\\r\\n\\r\\nready' >page
echo hello >plain
printf '421 too busy\\r\\n' >busy
printf '#!/bin/sh\\nread -r status </run/services/$1\\nexit "$status"\\n' >check
chmod 755 check
echo 0 >fixed; echo 12 >dynamic; echo 7 >other; echo 0 >broken; echo 1 >working; echo 2 >spare`;

/** Everything that r1 does for the checks, in good health. */
export async function startServices(guest: Guest): Promise<void> {
  await guest.sh(files);
  await startRealServers(guest, ["r1"], { tls: true });
  await guest.sh("for page in status digest regex; do echo ready >/run/r1/html/$page; done");
  // Or a closed UDP port would complain once a second only, and two checks of it would take turns.
  await inR1(guest, ["echo 0 >/proc/sys/net/ipv4/icmp_ratelimit"]);
  await inR1(guest, [`ip address add ${pinged}/32 dev eth1`, slow, plain, mail, names("names"), echo, ...listen]);
}

/** Runs these commands on r1. What runs in the background goes on. */
export async function inR1(guest: Guest, commands: readonly string[]): Promise<void> {
  await guest.sh(["set -e", ...commands].join("\n"), { namespace: "r1" });
}

const listen = [
  listening(ports.plain),
  listening(ports.mail),
  listening(ports.names, "udp"),
  listening(ports.echo, "udp"),
];
const web = "$(cat /run/r1/nginx.pid)";
const pidOf = (name: string) => `$(cat /run/services/${name}.pid)`;

/** What happens to the services of r1, one after the other. */
export const faults = {
  "each breaks": [
    end("plain"),
    "rm /run/r1/html/status",
    "echo other >/run/r1/html/digest",
    "echo not yet >/run/r1/html/regex",
    end("mail"),
    end("names"),
    `kill -STOP ${pidOf("echo")}`,
    `ip address del ${pinged}/32 dev eth1`,
    "echo 1 >/run/services/fixed; echo 22 >/run/services/dynamic",
    "cd /run/services; echo 1 >broken; echo 0 >working; echo 3 >spare",
  ],
  "all are mended": [
    "for page in status digest regex; do echo ready >/run/r1/html/$page; done",
    `kill -CONT ${pidOf("echo")}`,
    `ip address add ${pinged}/32 dev eth1`,
    "echo 0 >/run/services/fixed; echo 4 >/run/services/dynamic",
    "cd /run/services; echo 0 >broken; echo 1 >working; echo 0 >spare",
    ...[plain, mail, names("names"), ...listen],
  ],
  "each breaks in another way": [
    // It accepts connections and answers nobody.
    `kill -STOP ${web}`,
    end("mail"),
    start("mail", `perl ${answer} ${address} ${ports.mail} /run/services/busy`),
    end("names"),
    names("servfail"),
    end("echo"),
    "echo 3 >/run/services/fixed; echo 1 >/run/services/dynamic",
    "cd /run/services; echo -7 >broken; echo 0 >working; echo 10 >spare",
    "cp /run/services/page /run/services/page.slow",
  ],
  "all are mended again": [
    `kill -CONT ${web}`,
    end("mail"),
    mail,
    end("names"),
    names("names"),
    echo,
    ...listen,
    "rm /run/services/page.slow; echo 0 >/run/services/fixed; echo 0 >/run/services/dynamic",
    "cd /run/services; echo 0 >broken; echo 9 >working; echo 0 >spare",
  ],
} as const;
export type Fault = keyof typeof faults;
