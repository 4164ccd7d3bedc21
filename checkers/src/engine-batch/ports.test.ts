import { execFileSync } from "node:child_process";
import { canMakeNamespaces, makeNamespace } from "ipvs-netlink/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// A namespace with a hundred ports to connect from.
describe.skipIf(!canMakeNamespaces)("ephemeral ports", () => {
  let namespace: ReturnType<typeof makeNamespace>;

  beforeAll(() => {
    namespace = makeNamespace();
    namespace.run("sysctl", "-qw", "net.ipv4.ip_local_port_range=40000 40099");
  });
  afterAll(() => namespace.delete());

  test.each([
    ["without bindto", null],
    ["with bindto", "127.0.0.9"],
  ])("are taken from each destination's own: %s", (_, bindto) => {
    // Twenty checks of each of a hundred servers: two thousand connections that all end in TIME_WAIT on our side.
    const program = `
      import { createProbeEngine } from ${JSON.stringify(new URL("../probe-engine.ts", import.meta.url).href)};
      import { connectTo, tcpCheck } from ${JSON.stringify(new URL("../testing/examples.ts", import.meta.url).href)};
      import { createServer } from "node:net";
      const servers = 100;
      const rounds = 20;
      const server = createServer((socket) => socket.on("error", () => {}).resume());
      server.listen({ port: 8080, host: "0.0.0.0", backlog: 4096 }, () => {
        const verdicts = {};
        let ended = 0;
        const engine = createProbeEngine((batch) => {
          for (const { verdict } of batch) {
            const text = verdict.ok ? "ok" : JSON.stringify(verdict.reason);
            verdicts[text] = (verdicts[text] ?? 0) + 1;
          }
          ended += batch.length;
          if (ended === servers * rounds) {
            console.log(JSON.stringify(verdicts));
            process.exit();
          }
          if (ended % servers === 0) start();
        });
        const specs = Array.from({ length: servers }, (_, nth) =>
          tcpCheck(connectTo(8080, { address: "127.1.0." + (nth + 1), bindto: ${JSON.stringify(bindto)} })));
        const start = () => engine.start(specs.map((spec, nth) => ({ id: ended + nth, spec, timeoutMs: 15_000 })));
        start();
      });`;
    const words = ["netns", "exec", namespace.name, process.execPath, "--input-type=module", "-e", program];
    const verdicts = JSON.parse(execFileSync("ip", words, { encoding: "utf8", cwd: import.meta.dirname }));
    expect(verdicts).toEqual({ ok: 2000 });
  });
});
