import { join } from "node:path";
import { back, front, type RealServerName, vips } from "./topology.ts";
import type { Guest } from "./uml/guest.ts";

/** UDP port of the echo server (RFC 862). */
export const echoPort = 7;

/**
 * A real server's files in the guest: /run/r1/html is what its web server shows (index.html says "r1"), and a test is
 * free to change it.
 */
export function htmlDir(name: RealServerName): string {
  return `/run/${name}/html`;
}

/** Starts nginx on port 80, where www.example.org has a page /host (443 too, with `tls`) and the UDP echo server, on every address of the node. */
export async function startRealServers(
  guest: Guest,
  names: readonly RealServerName[] = ["r1", "r2", "r3"],
  options: { readonly tls?: boolean } = {},
): Promise<void> {
  if (options.tls) await guest.sh(makeCertificate);
  for (const name of names) {
    await guest.sh(startScript(name, options.tls ?? false), { namespace: name });
  }
}

/** Ends every process of the node at once, as a crash does: its kernel then refuses connections. */
export async function killRealServer(guest: Guest, name: RealServerName): Promise<void> {
  await guest.sh(`for pid in $(ip netns pids ${name}); do kill -KILL "$pid"; done
    while ip netns pids ${name} | grep -q .; do sleep 0.02; done`);
}

const makeCertificate = `test -e /run/real-servers.crt || openssl req -x509 -newkey ec \\
  -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=real-servers.test -days 30 \\
  -keyout /run/real-servers.key -out /run/real-servers.crt`;

function startScript(name: RealServerName, tls: boolean): string {
  const addresses = [front(name), back(name), vips.dr, vips.tun].flatMap(({ v4, v6 }) => [v4, v6]);
  const echo = join(import.meta.dirname, "guest/udp-echo.pl");
  return `set -e
mkdir -p /run/${name}/tmp ${htmlDir(name)}
test -e ${htmlDir(name)}/index.html || echo ${name} >${htmlDir(name)}/index.html
cat >/run/${name}/nginx.conf <<'END'
${nginxConfig(name, tls)}
END
nginx -p /run/${name} -e /run/${name}/error.log -c nginx.conf
perl "${echo}" ${name} ${echoPort} ${addresses.join(" ")} >/dev/null 2>/run/${name}/echo.log &
wait_for() { for _ in $(seq 3000); do "$@" && return; sleep 0.02; done; cat /run/${name}/*.log >&2; return 1; }
echo_listens() { test "$(wc -l </proc/net/udp)" -gt 4 && test "$(wc -l </proc/net/udp6)" -gt 4; }
wait_for echo_listens
`;
}

function nginxConfig(name: RealServerName, tls: boolean): string {
  const tlsLines = `    listen [::]:443 ssl ipv6only=off;
    ssl_certificate /run/real-servers.crt;
    ssl_certificate_key /run/real-servers.key;`;
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  // One process, so that a kill is a clean death.
  return `master_process off;
pid nginx.pid;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_timeout 1h;
  keepalive_requests 1000000;
  default_type text/plain;
${temporary.map((what) => `  ${what}_temp_path tmp/${what};`).join("\n")}
  server {
    listen [::]:80 ipv6only=off backlog=1024;
${tls ? tlsLines : ""}
    root ${htmlDir(name)};
  }
  server {
    listen [::]:80;
    server_name www.example.org;
    root ${htmlDir(name)};
    location = /host { return 204; }
  }
}`;
}
