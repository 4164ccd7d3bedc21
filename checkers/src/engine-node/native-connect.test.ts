import { execFileSync } from "node:child_process";
import { uniqueName } from "ipvs-netlink/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createProbeEngine } from "../probe-engine.ts";
import { connectTo, tcpCheck } from "../testing/examples.ts";
import { hangs, listen } from "../testing/misbehaving-server.ts";
import { EngineUnderTest } from "../testing/probe-once.ts";

test.each([
  ["Node's sockets", { addon: null }],
  ["the addon", {}],
])("an interface that does not exist is a local error: %s", async (_, options) => {
  const server = await listen(hangs);
  const subject = new EngineUnderTest((onResults) => createProbeEngine(onResults, options));
  const verdicts = await subject.run([tcpCheck(connectTo(server.port, { bindIf: "nosuchdevice0" }))], 1000);
  expect(verdicts).toMatchObject([{ ok: false, reason: { kind: "local", errno: "ENODEV", call: "setsockopt" } }]);
  await server.close();
});

test("without the addon the check fails with a reason", async () => {
  const subject = new EngineUnderTest((onResults) =>
    createProbeEngine(onResults, {
      addon: null,
      nativeConnect: (_, done) => {
        const immediate = setImmediate(done, { ok: false, errno: "ENOSYS", call: "socket" });
        return () => clearImmediate(immediate);
      },
    }),
  );
  const verdicts = await subject.run([tcpCheck(connectTo(1, { fwmark: 1 }))], 1000);
  expect(verdicts).toMatchObject([{ ok: false, reason: { kind: "local", errno: "ENOSYS", call: "socket" } }]);
});

// Marks and namespaces need root.
describe.skipIf(process.getuid?.() !== 0)("fwmark", () => {
  const namespace = uniqueName("lbctl-mark");
  const ip = (...words: string[]) => execFileSync("ip", words);
  const inside = (...words: string[]) => execFileSync("ip", ["netns", "exec", namespace, ...words]);

  beforeAll(() => {
    ip("netns", "add", namespace);
    inside("ip", "link", "set", "lo", "up");
    // Only marked packets find the port of the server.
    inside("ip", "rule", "add", "pref", "100", "lookup", "local");
    inside("ip", "rule", "delete", "pref", "0");
    inside("ip", "rule", "add", "pref", "10", "fwmark", "7", "lookup", "local");
    inside("ip", "rule", "add", "pref", "20", "ipproto", "tcp", "dport", "8080", "unreachable");
  });
  afterAll(() => ip("netns", "delete", namespace));

  test.each([
    ["Node's sockets", "{ addon: null }"],
    ["the addon", "{}"],
  ])(
    "is on every packet of the probe: routing by mark reaches the server, without it nothing does: %s",
    (_, options) => {
      const program = `
      import { createProbeEngine } from ${JSON.stringify(new URL("../probe-engine.ts", import.meta.url).href)};
      import { connectTo, tcpCheck } from ${JSON.stringify(new URL("../testing/examples.ts", import.meta.url).href)};
      import { createServer } from "node:net";
      const server = createServer().listen(8080, "0.0.0.0", () => {
        const specs = [7, null, 8].map((fwmark) => tcpCheck(connectTo(8080, { address: "127.0.0.9", fwmark })));
        const results = [];
        const engine = createProbeEngine((batch) => {
          results.push(...batch);
          if (results.length < 3) return;
          console.log(JSON.stringify(results.toSorted((a, b) => a.id - b.id).map(({ verdict }) => verdict)));
          process.exit();
        }, ${options});
        engine.start(specs.map((spec, id) => ({ id, spec, timeoutMs: 2000 })));
      });`;
      const output = inside(process.execPath, "--input-type=module", "-e", program);
      const unreachable = { ok: false, reason: { kind: "unreachable", errno: "ENETUNREACH" } };
      expect(JSON.parse(String(output))).toMatchObject([{ ok: true }, unreachable, unreachable]);
    },
  );
});
