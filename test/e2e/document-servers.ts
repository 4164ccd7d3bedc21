// The servers of docs/checkers.md, for a namespace that has their addresses: node document-servers.ts DIRECTORY. The directory
// has the certificate of the first one.
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { createServer as createTcpServer } from "node:net";
import { join } from "node:path";

const [, , directory = "."] = process.argv;
const file = (name: string) => readFileSync(join(directory, name));

const web = createServer(
  { cert: file("server.pem"), key: file("server.key") },
  (_, answer) => void answer.end("ready\n"),
);
const redis = createTcpServer(
  (socket) => void socket.on("error", () => {}).on("data", () => socket.write("+PONG\r\n")),
);
const dns = createSocket("udp4").on("message", (query, { port, address }) => {
  // RFC 1035 4.1: the question comes back, with one answer: its name, type A, class IN, a minute, 10.0.0.11.
  const end = query.indexOf(0, 12) + 5;
  const head = Buffer.concat([query.subarray(0, 2), Buffer.from([0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0])]);
  const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, 11]);
  dns.send(Buffer.concat([head, query.subarray(12, end), answer]), port, address);
});

web.listen(443, "10.0.0.11", () =>
  redis.listen(6379, "10.0.0.12", () => dns.bind(53, "10.0.0.53", () => console.log("they listen"))),
);
