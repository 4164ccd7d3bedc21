import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { Listener } from "./listener.ts";

test("a port that is taken is said once with its cause, and tried again until it is free", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const said: string[] = [];
  const listener = new Listener({
    handle: (_, response) => response.end("here"),
    onListening: () => said.push("listening"),
    log: (severity, message) => said.push(`${severity} ${message}`),
  });
  try {
    listener.listen({ address: "127.0.0.1", port });
    await vi.waitFor(() => expect(said).toHaveLength(1), 120_000);
    expect(said[0]).toBe(
      `error cannot serve metrics and the status page on 127.0.0.1:${port}: another program listens there; it is tried again until it works`,
    );
    other.close();
    await once(other, "close");
    await vi.waitFor(() => expect(said).toHaveLength(3), 120_000);
    expect(said[1]).toBe("listening");
    expect(said[2]).toBe(`notice metrics and the status page are served on http://127.0.0.1:${port}/`);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("here");
  } finally {
    listener.close();
    other.close();
  }
});

test("an address that this machine does not have", async () => {
  const said: string[] = [];
  const listener = new Listener({ handle: () => {}, onListening: () => {}, log: (_, message) => said.push(message) });
  listener.listen({ address: "192.0.2.77", port: 0 });
  await vi.waitFor(() => expect(said.join()).toContain("this machine does not have the address"), 120_000);
  listener.close();
});

test("one that could not accept somebody listens as before: once, until it is told to end", async () => {
  const servers: Server[] = [];
  const channel = "tracing:net.server.listen:asyncEnd";
  const onListen = (message: unknown) => void servers.push((message as { server: Server }).server);
  subscribe(channel, onListen);
  const said: string[] = [];
  const listener = new Listener({
    handle: (_, response) => response.end("here"),
    onListening: () => {},
    log: (severity, message) => said.push(`${severity} ${message}`),
  });
  try {
    listener.listen({ address: "127.0.0.1", port: 0 });
    await vi.waitFor(() => expect(said).toHaveLength(1), 120_000);
    const [server] = servers as [Server];
    const { port } = server.address() as AddressInfo;
    server.emit("error", Object.assign(new Error("accept EMFILE"), { code: "EMFILE", syscall: "accept" }));
    // A second try would come after a second.
    await sleep(1_500);
    expect(servers).toEqual([server]);
    expect(said).toHaveLength(1);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("here");
    listener.close();
    expect(server.listening).toBe(false);
  } finally {
    unsubscribe(channel, onListen);
    listener.close();
  }
});
