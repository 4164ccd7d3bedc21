import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canMakeNamespaces, makeNamespace, type Namespace } from "ipvs-netlink/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { shows, stepsIn } from "../kernel/guides/guide.ts";
import { until } from "./lbctl.ts";
import { Typist } from "./typist.ts";

// README.md, "Five minutes": each command is typed as it is written (but for /tmp/lbctl, which is a place of the test), on a
// loopback of its own, where the ports are free.

const checkout = join(import.meta.dirname, "../..");
const readme = readFileSync(join(checkout, "README.md"), "utf8");
const section = readme.split(/^## /m).find((each) => each.startsWith("Five minutes\n")) ?? "";
const yaml = /^```yaml\n([\s\S]*?)^```$/m.exec(section)?.[1] ?? "";

let directory: string;
let namespace: Namespace;
let typist: Typist;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lbctl-readme-"));
  const clone = join(directory, "lbctl");
  mkdirSync(clone);
  symlinkSync(join(checkout, "bin"), join(clone, "bin"));
  writeFileSync(join(clone, "lbctl.yaml"), yaml);
  namespace = makeNamespace();
  typist = new Typist(["ip", "netns", "exec", namespace.name], clone);
});
afterEach(async () => {
  await typist.close();
  namespace.delete();
  rmSync(directory, { recursive: true, force: true });
});

/** What the text around a command says of it, where the block shows nothing. */
const said: Readonly<Record<string, RegExp>> = {
  "4 status": /127\.0\.0\.1:8002 +down .*connect refused/,
  "5 plan": /weight 2 -> 5/,
  "5 reload": /in force after .*: 1 set-destination\./,
  "6 reload": /lbctl\.yaml:8:5: .*"delay_lop"[\s\S]*did you mean "delay_loop"\?/,
};

describe.skipIf(!canMakeNamespaces)("README.md", () => {
  test("five minutes, word for word", { timeout: 300_000 }, async () => {
    const run = join(directory, "run");
    const parts = section.split(/^\*\*(?=\d\. )/m).slice(1);
    expect(parts).toHaveLength(7);
    for (const part of parts) {
      for (const { command, output: shown } of stepsIn(part)) {
        const name = `${part[0]} ${/(?:bin\/lbctl |^)([\w.-]+)/.exec(command)?.[1]}`;
        const line = command.replaceAll("/tmp/lbctl", run);
        const wanted = (output: string) =>
          shows(output.replaceAll(join(directory, "lbctl"), "/home/you/lbctl"), shown) &&
          (said[name]?.test(output) ?? true);
        let last = await typist.type(line);
        expect(last.status, `${command}\n${last.output}`).toBe(name === "6 reload" ? 3 : 0);
        // States take their time, and the README says so: its reader looks again.
        await until(
          `${command} shows what the README says`,
          async () => {
            if (!wanted(last.output)) last = await typist.type(line);
            return wanted(last.output);
          },
          () => last.output,
        );
        if (!name.endsWith(" run")) continue;
        // Both are up, or the request that follows might find a server that has not begun to listen.
        const log = () => typist.output;
        for (const event of [/ ready: /, /:8001 \w+ -> up/, /:8002 \w+ -> up/])
          await until(`${event}`, () => event.test(log()), log);
      }
    }
    await until(
      "it has stopped",
      () => / stopped$/m.test(typist.output),
      () => typist.output,
    );
  });
});
