import { execFile, execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { GenhashError } from "./errors.ts";
import { genhash, isChunked } from "./genhash.ts";
import type { GenhashOptions } from "./options.ts";

const main = join(import.meta.dirname, "../cli/main.ts");
const page = randomBytes(150_000);
const directory = mkdtempSync(join(tmpdir(), "lbctl-genhash-"));
const closers: (() => void)[] = [];
const run = promisify(execFile);

let credentials: { key: Buffer; cert: Buffer };

beforeAll(() => {
  const files = { key: join(directory, "key.pem"), cert: join(directory, "cert.pem") };
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=self-signed"];
  execFileSync("openssl", [...request, "-keyout", files.key, "-out", files.cert], { stdio: "ignore" });
  credentials = { key: readFileSync(files.key), cert: readFileSync(files.cert) };
});
afterEach(() => {
  for (const close of closers.splice(0)) close();
});
afterAll(() => rmSync(directory, { recursive: true }));

interface Seen {
  readonly host: string | undefined;
  readonly httpVersion: string;
  readonly connection: string | undefined;
  readonly servername: string | false | null;
}

/** A server with the page at /page, at /chunked in pieces, at /missing with status 404; what it saw of the last request. */
async function serve(ssl: boolean, address: string): Promise<{ port: number; seen: () => Seen }> {
  let last: Seen | undefined;
  const answer = (request: http.IncomingMessage, response: http.ServerResponse) => {
    const servername = ssl ? ((request.socket as TLSSocket).servername ?? null) : null;
    last = {
      host: request.headers.host,
      httpVersion: request.httpVersion,
      connection: request.headers.connection,
      servername,
    };
    if (request.url === "/chunked") {
      response.write(page.subarray(0, 70_000));
      response.end(page.subarray(70_000));
    } else {
      response.writeHead(request.url === "/page" ? 200 : 404, { "Content-Length": page.length });
      response.end(page);
    }
  };
  const server = ssl ? https.createServer(credentials, answer) : http.createServer(answer);
  server.listen(0, address);
  await once(server, "listening");
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as net.AddressInfo).port, seen: () => last as Seen };
}

/** A server that treats every connection alike. */
async function serveRaw(behaviour: (socket: net.Socket) => void): Promise<number> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    behaviour(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as net.AddressInfo).port;
}

function options(overrides: Partial<GenhashOptions>): GenhashOptions {
  return {
    server: "127.0.0.1",
    port: 80,
    ssl: false,
    sni: false,
    path: "/page",
    virtualhost: null,
    protocol: "1.0",
    hash: "md5",
    fwmark: null,
    timeoutMs: 5000,
    ...overrides,
  };
}

/** What the genhash of Debian's keepalived prints. */
async function debianGenhash(...words: string[]): Promise<string> {
  try {
    return (await run("genhash", words)).stdout;
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    if (missing)
      throw new Error("genhash is not installed: it is the reference of this test (npm run setup installs keepalived)");
    throw error;
  }
}

async function lbctlGenhash(...words: string[]): Promise<{ stdout: string; stderr: string; exit: number }> {
  try {
    return { ...(await run(process.execPath, [main, "genhash", ...words])), exit: 0 };
  } catch (error) {
    const { stdout, stderr, code } = error as { stdout: string; stderr: string; code: number };
    return { stdout, stderr, exit: code };
  }
}

async function failure(overrides: Partial<GenhashOptions>): Promise<GenhashError> {
  return genhash(options(overrides)).then(
    () => Promise.reject(new Error("it did not fail")),
    (error: GenhashError) => error,
  );
}

describe("the same MD5 as keepalived's genhash", () => {
  const addresses = ["127.0.0.1", "::1"];
  const matrix = [false, true].flatMap((ssl) =>
    addresses.map((address) => [ssl ? "HTTPS" : "HTTP", address, ssl] as const),
  );

  test.each(matrix)("over %s, %s, each protocol, with and without virtualhost", async (_, address, ssl) => {
    const { port, seen } = await serve(ssl, address);
    for (const protocol of ["1.0", "1.0C", "1.1"] as const) {
      for (const virtualhost of [null, "www.example.org"]) {
        const ours = await genhash(options({ server: address, port, ssl, protocol, virtualhost }));
        const ourRequest = seen();
        const words = ["-s", address, "-p", `${port}`, "-u", "/page", "-P", protocol, ...(ssl ? ["-S"] : [])];
        const theirs = await debianGenhash(...words, ...(virtualhost ? ["-V", virtualhost] : []));
        expect(`${ours.digest}\n`).toBe(theirs);
        expect(ours).toMatchObject({ status: 200, bytes: page.length });
        expect(ourRequest).toEqual(seen());
      }
    }
  });

  test("of an error page too", async () => {
    const { port } = await serve(false, "127.0.0.1");
    const ours = await genhash(options({ port, path: "/missing" }));
    expect(ours.status).toBe(404);
    expect(`${ours.digest}\n`).toBe(await debianGenhash("-s", "127.0.0.1", "-p", `${port}`, "-u", "/missing"));
  });
});

test("SHA-1 is the sha1sum of the body", async () => {
  const { port } = await serve(false, "127.0.0.1");
  const sha1sum = execFileSync("sha1sum", { input: page }).toString().split(" ")[0];
  expect((await genhash(options({ port, hash: "sha1" }))).digest).toBe(sha1sum);
});

test("a chunked answer has the digest of its content, where keepalived's genhash takes the framing as well", async () => {
  const { port } = await serve(false, "127.0.0.1");
  const ours = await genhash(options({ port, path: "/chunked", protocol: "1.1" }));
  expect([ours.digest, isChunked(ours)]).toEqual([createHash("md5").update(page).digest("hex"), true]);
  const theirs = await debianGenhash("-s", "127.0.0.1", "-p", `${port}`, "-u", "/chunked", "-P", "1.1");
  expect(`${ours.digest}\n`).not.toBe(theirs);
});

test("SNI is the virtualhost when asked for, and nothing otherwise", async () => {
  const { port, seen } = await serve(true, "127.0.0.1");
  await genhash(options({ port, ssl: true, sni: true, virtualhost: "www.example.org:443" }));
  expect(seen()).toMatchObject({ servername: "www.example.org", host: "www.example.org:443" });
  for (const more of [
    { sni: false, virtualhost: "www.example.org" },
    { sni: true, virtualhost: "192.0.2.1" },
  ]) {
    await genhash(options({ port, ssl: true, ...more }));
    expect(seen().servername).toBe(false);
  }
});

test("a name is resolved", async () => {
  const { port } = await serve(false, "127.0.0.1");
  expect((await genhash(options({ server: "localhost", port }))).bytes).toBe(page.length);
});

describe("no digest, but what, why and what next", () => {
  const closes = (response: string) => (socket: net.Socket) => void socket.on("data", () => socket.end(response));

  test("refused", async () => {
    const port = await serveRaw(() => {});
    for (const close of closers.splice(0)) close();
    expect(await failure({ port })).toMatchObject({
      code: "connect",
      message: `http://127.0.0.1:${port}/page: connect refused`,
      hint: expect.stringContaining("--port"),
    });
  });

  test.each([
    ["closed at once", "", "connection closed before any answer"],
    ["closed within the headers", "HTTP/1.1 200 OK\r\nA", "connection closed before any answer"],
    [
      "closed within the body",
      "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
      "connection closed within the body",
    ],
    ["another protocol", "SSH-2.0-OpenSSH\r\n", "not a valid HTTP answer"],
    ["huge headers", `HTTP/1.1 200 OK\r\nA: ${"x".repeat(70_000)}\r\n\r\n`, "answer larger than 64 KiB"],
  ])("%s", async (_, response, message) => {
    const port = await serveRaw(closes(response));
    expect(await failure({ port })).toMatchObject({ code: "answer", message: expect.stringContaining(message) });
  });

  test.each([
    ["never answers", () => {}, "timeout", "no answer within 300 ms"],
    [
      "never ends",
      (socket: net.Socket) => void socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\n\r\nhello")),
      "timeout",
      "body not complete within 300 ms",
    ],
  ] as const)("a server that %s", async (_, behaviour, code, message) => {
    const port = await serveRaw((socket) => void behaviour(socket.resume()));
    expect(await failure({ port, timeoutMs: 300 })).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test("TLS to a port without TLS, answering or silent", async () => {
    const plain = await serve(false, "127.0.0.1");
    expect(await failure({ port: plain.port, ssl: true })).toMatchObject({ code: "tls" });
    const port = await serveRaw((socket) => void socket.resume());
    expect(await failure({ port, ssl: true, timeoutMs: 300 })).toMatchObject({
      code: "tls",
      message: expect.stringContaining("TLS handshake not complete within 300 ms"),
    });
  });

  test("a name without an address", async () => {
    expect(await failure({ server: "no-such-host.invalid" })).toMatchObject({ code: "resolve" });
  });
});

describe("lbctl genhash", () => {
  test("prints the very line that keepalived's genhash prints", async () => {
    const { port } = await serve(true, "127.0.0.1");
    const words = ["-S", "-s", "127.0.0.1", "-p", `${port}`, "-u", "/page", "-V", "www.example.org"];
    const [ours, theirs] = await Promise.all([lbctlGenhash(...words), debianGenhash(...words)]);
    expect(ours).toEqual({ stdout: theirs, stderr: "", exit: 0 });
  });

  test("--json holds the digest and what it is of; verbose and notes leave standard output alone", async () => {
    const { port } = await serve(false, "127.0.0.1");
    const words = ["--server", "127.0.0.1", "--port", `${port}`, "--url", "/missing", "--hash", "sha1", "--json", "-v"];
    const { stdout, stderr, exit } = await lbctlGenhash(...words);
    expect([exit, JSON.parse(stdout)]).toMatchObject([
      0,
      { page: `http://127.0.0.1:${port}/missing`, status: 404, algorithm: "sha1", bytes: page.length },
    ]);
    expect(stderr).toContain("status 404: this is the digest of that page");
    expect(stderr).toContain(`Content-Length: ${page.length}`);
  });

  test("exits with 1 and says why when it failed, also as JSON", async () => {
    const port = await serveRaw((socket) => socket.destroy());
    const words = ["-s", "127.0.0.1", "-p", `${port}`, "-u", "/"];
    const plain = await lbctlGenhash(...words);
    expect([plain.exit, plain.stdout]).toEqual([1, ""]);
    expect(plain.stderr).toMatch(
      /^lbctl genhash: http:\/\/127\.0\.0\.1:[0-9]+\/: connection [^\n]+\n {2}check [^\n]+\n$/,
    );
    const json = await lbctlGenhash(...words, "--json");
    expect([json.exit, JSON.parse(json.stdout)]).toMatchObject([1, { error: { code: "answer" } }]);
  });

  test.each([
    ["nothing", []],
    ["no url", ["-s", "127.0.0.1"]],
    ["a bad port", ["-s", "127.0.0.1", "-u", "/", "-p", "http"]],
    ["an unknown option", ["-s", "127.0.0.1", "-u", "/", "-Z"]],
  ])("exits with 2 for %s", async (_, words) => {
    const { exit, stdout, stderr } = await lbctlGenhash(...words);
    expect([exit, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^error: .*\n/);
  });
});
