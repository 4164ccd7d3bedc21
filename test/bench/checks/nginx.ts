import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** A certificate for the farm, made out by itself. */
export function writeCertificate(dir: string): void {
  const words = `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=bench -keyout ${join(dir, "key.pem")} -out ${join(dir, "cert.pem")}`;
  execFileSync("openssl", words.split(" "), { stdio: "ignore" });
}

/** Each handshake is a full one: no tickets, no session cache. */
export function nginxConfig(dir: string, sslPort: number): string {
  return `daemon off;
pid ${dir}/nginx.pid;
error_log stderr crit;
events { worker_connections 8192; }
http {
  access_log ${dir}/access.log;
  client_body_temp_path ${dir}/body; proxy_temp_path ${dir}/proxy; fastcgi_temp_path ${dir}/fastcgi;
  uwsgi_temp_path ${dir}/uwsgi; scgi_temp_path ${dir}/scgi;
  server {
    listen ${sslPort} ssl backlog=4096;
    ssl_certificate ${dir}/cert.pem;
    ssl_certificate_key ${dir}/key.pem;
    ssl_session_tickets off;
    ssl_session_cache off;
    location / { default_type text/html; return 200 "hello"; }
  }
}
`;
}
