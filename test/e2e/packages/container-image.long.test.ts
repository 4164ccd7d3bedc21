import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeNamespace, type Namespace } from "ipvs-netlink/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { until } from "../lbctl.ts";
import { type BuiltImage, buildImage, Container } from "./container-image.ts";
import { version } from "./made-package.ts";

const directory = mkdtempSync(join(tmpdir(), "lbctl-image-"));
const etc = join(directory, "etc");
let image: BuiltImage;
let namespace: Namespace;
let container: Container | undefined;

beforeAll(async () => {
  image = await buildImage(directory);
  mkdirSync(etc);
  chmodSync(directory, 0o755);
}, 600_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

beforeEach(() => {
  namespace = makeNamespace();
  namespace.ip("link add eth0 type veth peer name peer0");
  namespace.ip("link set peer0 up");
  namespace.ip("address add 192.0.2.1/24 dev eth0");
  namespace.ip("link set eth0 up");
});
afterEach(async () => {
  await container?.remove();
  container = undefined;
  namespace.delete();
});

const begin = (capabilities: readonly string[], command?: readonly string[]) => {
  container = new Container(directory, image, {
    namespace: namespace.name,
    capabilities,
    etc,
    ...(command && { command }),
  });
  return container;
};
const configure = (config: object) => writeFileSync(join(etc, "lbctl.yaml"), JSON.stringify(config));
const addresses = () => namespace.ip("-4 -o address show dev eth0");

const script = join(etc, "leaves-an-orphan");
const vrrp = {
  vrrp_script: [{ name: "orphans", script: "/etc/lbctl/leaves-an-orphan", interval: 1 }],
  vrrp_instance: [
    {
      ...{ name: "VI_1", interface: "eth0", virtual_router_id: 51, priority: 100, version: 3, advert_int: 0.2 },
      virtual_ipaddress: ["192.0.2.200/24"],
      track_script: ["orphans"],
    },
  ],
};

describe("the image", () => {
  test("says who it is, runs as somebody who is not root, and has a process 1 that reaps", () => {
    const { config } = image;
    expect(config.User).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(config.Entrypoint[0]).toBe("/usr/bin/tini");
    expect(config.Entrypoint.concat(config.Cmd)).not.toContain("/bin/sh");
    expect(config.StopSignal).toBe("SIGTERM");
    expect(config.Healthcheck.Test[0]).toBe("CMD");
    expect(config.Labels).toMatchObject({
      "org.opencontainers.image.version": version,
      "org.opencontainers.image.licenses": "Apache-2.0",
    });
  });

  test("has the same octets when it is built again", { timeout: 900_000 }, async () => {
    expect(image.layers).toHaveLength(2);
    expect(image.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(await image.buildAgain()).toBe(image.checksum);
  });

  test("holds a VIP with NET_ADMIN and NET_RAW, is healthy, leaves no zombies, and gives the VIP back at SIGTERM", async () => {
    configure(vrrp);
    writeFileSync(script, "#!/bin/sh\nsh -c 'sleep 0.1 & exit' </dev/null >/dev/null 2>&1 &\nexit 0\n", {
      mode: 0o755,
    });
    const here = begin(["CAP_NET_ADMIN", "CAP_NET_RAW"]);
    await until("it has the VIP", () => addresses().includes("192.0.2.200/24"), here.running.stderr);
    expect(await here.exec(...image.config.Healthcheck.Test.slice(1))).toMatchObject({ status: 0 });

    const report = await here.exec(
      "sh",
      "-c",
      'for p in /proc/[0-9]*; do sed -n "s/^\\(Name\\|State\\|Uid\\|CapEff\\):\\s*//p" $p/status | tr "\\n\\t" "| "; echo; done',
    );
    const processes = report.stdout.split("\n").filter((line) => line.startsWith("lbctl|"));
    expect(processes.length).toBeGreaterThanOrEqual(3);
    const [uid] = image.config.User.split(":");
    // NET_ADMIN is bit 12, NET_RAW bit 13.
    for (const each of processes) expect(each).toMatch(new RegExp(`\\|${uid} ${uid} ${uid} ${uid}\\|0000000000003000`));

    // A script a second has left orphans for a while: process 1 has to have reaped those that ended.
    await until(
      "no zombie is left",
      async () => !(await here.exec("sh", "-c", "cat /proc/[0-9]*/stat 2>/dev/null")).stdout.includes(" Z 1 "),
    );
    await here.signal("TERM");
    expect(await here.running.ended).toMatchObject({ status: 0 });
    expect(addresses()).not.toContain("192.0.2.200");
  });

  test("without a capability: commands work, the healthcheck fails while no daemon runs, and VRRP says what is missing", async () => {
    configure({ vrrp_instance: vrrp.vrrp_instance.map(({ track_script: _, ...rest }) => rest) });
    const idle = begin([], ["genhash", "--help"]);
    expect(await idle.running.ended).toMatchObject({ status: 0, stdout: expect.stringContaining("genhash") });
    await idle.remove();

    const validated = begin([], ["validate"]);
    expect(await validated.running.ended).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("1 VRRP instance"),
    });
    await validated.remove();

    const unhealthy = begin([], image.config.Healthcheck.Test.slice(2));
    expect(await unhealthy.running.ended).toMatchObject({ status: 5 });
    await unhealthy.remove();

    const here = begin([]);
    expect(await here.running.ended).toMatchObject({ status: 6, stderr: expect.stringContaining("CAP_NET_RAW") });
  });
});
