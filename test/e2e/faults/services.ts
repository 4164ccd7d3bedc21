// A real server of every kind in one process: what each checker asks, behind one front that lets everything through or does to every
// connection what it is told. Arguments: the address to listen on, the directory of the certificates.
import dgram from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import tls from "node:tls";
import { Server, ServerCredentials } from "@grpc/grpc-js";

/** "wrong": what is asked for is refused in the words of the protocol. "drips": the right answer, one octet a second. */
export type Mode = "healthy" | "hangs" | "drips" | "closes" | "resets" | "floods" | "nonsense" | "wrong" | "expired";
export type Ports = Readonly<Record<"http" | "https" | "smtp" | "redis" | "agent" | "grpc" | "dns" | "echo", number>>;
export type FromServices = { readonly ports: Ports } | { readonly mode: Mode };

const [address = "", certificates = ""] = process.argv.slice(2);
let mode: Mode = "healthy";
const wrong = () => mode === "wrong";
const certificate = (name: string) => ({
  cert: readFileSync(join(certificates, `${name}.pem`)),
  key: readFileSync(join(certificates, `${name}.key`)),
});

type Conversation = (socket: net.Socket) => void;

const conversations = {
  http: (socket) => {
    const status = () => (wrong() ? "503 Busy" : "200 OK");
    socket.once("data", () => socket.end(`HTTP/1.1 ${status()}\r\nContent-Length: 5\r\n\r\nhello`));
  },
  smtp: (socket) => {
    socket.write(wrong() ? "421 too busy\r\n" : "220 mail ESMTP\r\n");
    socket.on("data", (line) => socket.write(String(line).startsWith("QUIT") ? "221 bye\r\n" : "250 mail\r\n"));
  },
  redis: (socket) => void socket.on("data", () => socket.write(wrong() ? "-LOADING\r\n" : "+PONG\r\n")),
  agent: (socket) => void socket.end(wrong() ? "down # deploying\n" : "up 100%\n"),
} satisfies Record<string, Conversation>;

async function listening(server: net.Server, host: string): Promise<number> {
  server.listen(0, host);
  await once(server, "listening");
  return (server.address() as net.AddressInfo).port;
}

function tlsServer(): tls.Server {
  const [good, expired] = [certificate("good"), certificate("expired")].map((files) => tls.createSecureContext(files));
  const server = tls.createServer(
    { ...certificate("good"), SNICallback: (_, done) => done(null, mode === "expired" ? expired : good) },
    (socket) => conversations.http(socket.on("error", () => {})),
  );
  return server.on("tlsClientError", () => {});
}

async function grpcPort(): Promise<number> {
  const server = new Server();
  const asIs = (value: Buffer) => value;
  const codec = {
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
  const Check = { path: "/grpc.health.v1.Health/Check", requestStream: false, responseStream: false, ...codec };
  server.addService(
    { Check },
    {
      Check: (_: unknown, answer: (error: null, value: Buffer) => void) =>
        answer(null, Buffer.from([8, wrong() ? 2 : 1])),
    },
  );
  return new Promise((resolve) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (_, port) => resolve(port));
  });
}

const nonsense = Buffer.from("\x00\x01\xfe\xff nonsense\r\n\r\n", "latin1");

/** Every connection to the front, and what becomes of it. */
function front(socket: net.Socket, inner: number): void {
  socket.on("error", () => {});
  switch (mode) {
    case "hangs":
      socket.resume();
      return;
    case "closes":
      socket.end();
      return;
    case "resets":
      // After it has been accepted for everyone to see.
      setTimeout(() => socket.resetAndDestroy(), 200);
      return;
    case "nonsense":
      socket.end(nonsense);
      return;
    case "floods": {
      const pump = () => {
        while (!socket.destroyed && socket.write("x".repeat(65_536)));
      };
      socket.on("drain", pump);
      pump();
      return;
    }
    default:
      forward(socket, inner, mode === "drips");
  }
}

function forward(socket: net.Socket, inner: number, drips: boolean): void {
  const behind = net.connect(inner, "127.0.0.1").on("error", () => {});
  socket.pipe(behind);
  if (!drips) {
    behind.pipe(socket);
    return;
  }
  const octets: number[] = [];
  behind.on("data", (piece) => octets.push(...piece));
  const timer = setInterval(() => {
    const octet = octets.shift();
    if (octet !== undefined) socket.write(Buffer.of(octet));
  }, 1000);
  socket.on("close", () => {
    clearInterval(timer);
    behind.destroy();
  });
}

async function frontOf(inner: number): Promise<number> {
  return listening(
    net.createServer((socket) => front(socket, inner)),
    address,
  );
}

/** A datagram is answered as `answer` says; null: not at all. */
async function datagrams(answer: (request: Buffer) => Buffer | null): Promise<number> {
  const socket = dgram.createSocket("udp4");
  socket.on("message", (request, peer) => {
    const silent = mode === "hangs" || mode === "drips" || mode === "closes" || mode === "resets";
    const said = silent ? null : mode === "nonsense" ? nonsense : answer(request);
    for (let copies = mode === "floods" ? 2000 : 1; said !== null && copies > 0; copies--) {
      socket.send(mode === "floods" ? Buffer.alloc(1400, copies) : said, peer.port, peer.address);
    }
  });
  socket.bind(0, address);
  await once(socket, "listening");
  return socket.address().port;
}

/** The question again, as an answer: NOERROR without records, or NXDOMAIN. */
function nameAnswer(query: Buffer): Buffer {
  const answer = Buffer.from(query);
  answer.writeUInt16BE(wrong() ? 0x8183 : 0x8180, 2);
  return answer;
}

const plain = async (conversation: Conversation) => {
  const server = net.createServer((socket) => conversation(socket.on("error", () => {})));
  return frontOf(await listening(server, "127.0.0.1"));
};

if (process.send !== undefined) {
  const ports: Ports = {
    http: await plain(conversations.http),
    https: await frontOf(await listening(tlsServer(), "127.0.0.1")),
    smtp: await plain(conversations.smtp),
    redis: await plain(conversations.redis),
    agent: await plain(conversations.agent),
    grpc: await frontOf(await grpcPort()),
    dns: await datagrams(nameAnswer),
    echo: await datagrams((request) => (wrong() ? Buffer.from("nobody") : request)),
  };
  process.on("disconnect", () => process.exit());
  process.on("message", (message: { readonly mode: Mode }) => {
    mode = message.mode;
    process.send?.({ mode } satisfies FromServices);
  });
  process.send({ ports } satisfies FromServices);
}
