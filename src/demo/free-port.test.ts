import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { freePort } from "./free-port.ts";

test("can be listened to, and is none that the kernel gives to clients", async () => {
  const port = await freePort();
  expect(port).toBeLessThan(32_768);
  const server = createServer();
  await once(server.listen(port, "127.0.0.1"), "listening");
  server.close();
});

test("an address that is not of this host is an error", async () => {
  await expect(freePort("192.0.2.1")).rejects.toMatchObject({ code: "EADDRNOTAVAIL" });
});
