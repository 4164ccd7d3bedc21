import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import net from "node:net";
import tls from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeCertificates } from "../../checkers/src/testing/certificates.ts";
import { freePort } from "../../src/demo/free-port.ts";
import { httpAnswers } from "./faults/http-answers.ts";
import { type Daemon, DirectorNode, until } from "./lbctl.ts";

// Web servers that answer well, badly, without end, and one octet a second, all at once, in a whole lbctl.
const node = new DirectorNode();
const certificates = makeCertificates();
const servers: net.Server[] = [];
const sockets = new Set<net.Socket>();
const digest = createHash("md5").update("hello").digest("hex");
const kinds = ["HTTP_GET", "SSL_GET"] as const;
const nameOf = (kind: (typeof kinds)[number], name: string) => `${kind}:${name.replaceAll(" ", "-")}`;
let daemon: Daemon;

async function listening(server: net.Server): Promise<number> {
  servers.push(server);
  server.on("connection", (socket: net.Socket) => {
    sockets.add(socket.on("close", () => sockets.delete(socket)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as net.AddressInfo).port;
}

beforeAll(async () => {
  const certificate = {
    cert: readFileSync(certificates.file("good.pem")),
    key: readFileSync(certificates.file("good.key")),
  };
  const virtual_server = await Promise.all(
    httpAnswers.flatMap(({ name, answer, withinS }) =>
      kinds.map(async (kind) => {
        const quiet = (socket: net.Socket) => answer(socket.on("error", () => {}));
        const server = kind === "HTTP_GET" ? net.createServer(quiet) : tls.createServer(certificate, quiet);
        const timing = { delay_loop: 1, connect_timeout: withinS, retry: 0, warmup: 0 };
        return {
          name: nameOf(kind, name),
          address: "127.0.0.1",
          port: await freePort(),
          protocol: "TCP",
          real_server: [
            {
              address: "127.0.0.1",
              port: await listening(server),
              [kind]: { url: { path: "/page", status_code: 200, digest }, ...timing },
            },
          ],
        };
      }),
    ),
  );
  node.configure({ virtual_server });
  daemon = await node.start();
});
afterAll(async () => {
  await node.close();
  for (const server of servers) server.close();
  for (const socket of sockets) socket.destroy();
});

/** What the checks say that is not what they should. */
async function wrong(): Promise<readonly string[]> {
  const { virtual_servers } = await node.status();
  return kinds.flatMap((kind) =>
    httpAnswers.flatMap(({ name, says }) => {
      const is = virtual_servers.find((each) => each.name === nameOf(kind, name))?.real_servers[0];
      const reason = is?.checks[0]?.reason ?? "";
      const right =
        says === "up" ? is?.state === "up" && reason.startsWith("ok") : is?.state === "down" && says.test(reason);
      return right ? [] : [`${nameOf(kind, name)} is ${is?.state} (${reason}), wanted ${says}`];
    }),
  );
}

test("each answer gets its verdict and its reason, whatever the others do, and nothing is left open", async () => {
  let seen: readonly string[] = [];
  const holds = async () => {
    seen = await wrong();
    return seen.length === 0;
  };
  await until("each verdict", holds, () => seen.join("\n"));
  const checker = daemon.child("checker");
  const descriptors = () => readdirSync(`/proc/${checker}/fd`).length;
  const before = descriptors();
  // Until all of them have been asked again.
  const askedAgain = new Set<string>();
  const { virtual_servers: first } = await node.status();
  const checkedAt = new Map(first.map(({ name, real_servers }) => [name, real_servers[0]?.checks[0]?.checked_at]));
  await until("each is asked again", async () => {
    for (const { name, real_servers } of (await node.status()).virtual_servers) {
      if (real_servers[0]?.checks[0]?.checked_at !== checkedAt.get(name)) askedAgain.add(name);
    }
    return askedAgain.size === checkedAt.size;
  });
  await until("each verdict, again", holds, () => seen.join("\n"));
  const changed = [...daemon.log().matchAll(/real_server (\S+) \S+ \S+ -> /g)].map(([, name]) => name);
  expect(changed).not.toEqual([]);
  expect(changed.length, "no verdict was ever another").toBe(new Set(changed).size);
  expect(daemon.child("checker")).toBe(checker);
  // Those of checks that run come and go.
  expect(descriptors()).toBeLessThan(before + 4 * httpAnswers.length);
});
