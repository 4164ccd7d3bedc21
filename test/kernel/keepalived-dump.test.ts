import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noContext, parseConfig } from "../../src/config/parse-config.ts";
import { settingsOfDump, settingsOfModel } from "./dumped-settings.ts";
import { parseDump } from "./keepalived-dump.ts";
import { bootGuest, type Guest } from "./uml/guest.ts";

const here = new URL("dump.conf", import.meta.url);
const pairs = ["mysql-dr", "hot-standby-dr", "checkers", "sorry", "web-nat"].map(
  (name) => new URL(`../../src/config/keepalived/pairs/${name}.conf`, import.meta.url),
);

let guest: Guest;

beforeAll(async () => {
  guest = await bootGuest();
  await guest.sh("ip link set lo up");
});
afterAll(() => guest?.close());

/** What keepalived, without its VRRP process, says it has read; it needs IPVS to get that far. It dumps, and then begins to check. */
async function dumpOf(file: string): Promise<string> {
  const { stdout } = await guest.exec(
    `keepalived -C -n -l -d -i main -p /run/k.pid -c /run/k.checkers.pid -f ${file} >/run/k.out 2>&1 & pid=$!
     for round in $(seq 600); do grep -q "Activating healthchecker" /run/k.out && break; sleep 0.1; done
     kill $pid; wait $pid; cat /run/k.out; ipvsadm -C`,
  );
  return stdout;
}

describe("the model holds what keepalived's dump shows", () => {
  test.each([here, ...pairs].map((url) => url.pathname))("%s", async (file) => {
    const result = parseConfig(readFileSync(file, "utf8"), file, { ...noContext, configId: "main" });
    if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
    expect(settingsOfModel(result.model)).toEqual(settingsOfDump(parseDump(await dumpOf(file))));
  });
});
