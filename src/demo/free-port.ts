import { once } from "node:events";
import { createServer } from "node:net";

/** A TCP port of this address that was free a moment ago. */
export async function freePort(address = "127.0.0.1"): Promise<number> {
  const server = createServer().listen(0, address);
  await once(server, "listening");
  const bound = server.address();
  server.close();
  await once(server, "close");
  if (bound === null || typeof bound === "string") throw new Error("the system gave no port");
  return bound.port;
}
