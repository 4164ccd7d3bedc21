import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/** Below what the kernel gives to clients (ip_local_port_range, from 32768): no connection takes it before who asked here listens. */
const [firstPort, lastPort] = [20_000, 32_767];
const mostAttempts = 100;

/** A TCP port of this address that was free a moment ago. */
export async function freePort(address = "127.0.0.1"): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const port = randomInt(firstPort, lastPort + 1);
    const server = createServer();
    try {
      await once(server.listen(port, address), "listening");
    } catch (error) {
      if (attempt < mostAttempts && (error as NodeJS.ErrnoException).code === "EADDRINUSE") continue;
      throw error;
    }
    await once(server.close(), "close");
    return port;
  }
}
