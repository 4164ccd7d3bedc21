import { existsSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { uniqueName } from "ipvs-netlink/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startLoad } from "./client-load.ts";
import { echoPort, killRealServer, startRealServers } from "./real-servers.ts";
import { type AddressPair, back, buildTopology, front, type RealServerName, vips } from "./topology.ts";
import { bootGuest, type Guest } from "./uml/guest.ts";

const names: readonly RealServerName[] = ["r1", "r2", "r3"];
const udpAsk = join(import.meta.dirname, "guest/udp-ask.pl");

let guest: Guest;
beforeAll(async () => {
  guest = await bootGuest();
});
afterAll(() => guest?.close());

describe("a guest", () => {
  test("has IPVS, and its own file system over the host's", async () => {
    const path = join(tmpdir(), uniqueName("lbctl-harness"));
    try {
      const output = await guest.sh(`cat /proc/net/ip_vs; echo changed >"${path}"; cat "${path}"`);
      expect(output).toContain("IP Virtual Server version");
      expect(output).toContain("changed");
      expect(existsSync(path)).toBe(false);
    } finally {
      rmSync(path, { force: true });
    }
  });

  test("reports status, output and the end by a signal", async () => {
    expect(await guest.exec("echo out; echo err >&2; exit 3")).toEqual({ status: 3, stdout: "out\n", stderr: "err\n" });
    expect(await guest.exec("kill -TERM $$")).toMatchObject({ status: 128 + 15 });
  });

  test("sh rejects with the output of what failed", async () => {
    await expect(guest.sh("echo before; ipvsadm -A -t 192.0.2.1:80 -s nonesuch")).rejects.toMatchObject({
      code: "job-failed",
      message: expect.stringMatching(/status \d+ from: echo before.*before\n.*cheduler/s),
    });
  });

  test("kills a job that overruns, and goes on", async () => {
    const overrun = guest.exec("echo started; sleep 1000", { timeoutMs: 3_000 });
    await expect(overrun).rejects.toMatchObject({ code: "job-timeout", message: expect.stringContaining("started") });
    expect(await guest.sh("ps -e | grep -c '[s]leep' || true")).toBe("0\n");
  });

  test("shows what a started job writes, and passes signals on", async () => {
    const job = guest.start("trap 'echo bye; exit 7' TERM; echo hello; while :; do sleep 0.05; done");
    await expect.poll(() => job.stdout()).toBe("hello\n");
    job.signal("TERM");
    expect(await job.done).toEqual({ status: 7, stdout: "hello\nbye\n", stderr: expect.any(String) });
    expect(job.stdout()).toBe("hello\nbye\n");
  });

  test("takes many jobs at once", async () => {
    const jobs = Array.from({ length: 40 }, (_, i) => guest.sh(`echo ${i}`));
    expect(await Promise.all(jobs)).toEqual(Array.from({ length: 40 }, (_, i) => `${i}\n`));
    await guest.ping();
  });
});

test("a guest that dies rejects what is running, with its console", async () => {
  const other = await bootGuest({ memoryMiB: 256, modules: [] });
  const running = other.exec("sleep 100");
  await other.ping();
  await other.exec("echo 1 >/proc/sys/kernel/sysrq; echo c >/proc/sysrq-trigger").catch(() => undefined);
  await expect(running).rejects.toMatchObject({ code: "guest-died", message: expect.stringContaining("sysrq") });
  await expect(other.exec("true")).rejects.toMatchObject({ code: "guest-died" });
  await other.close();
  expect(existsSync(other.sharedDir)).toBe(false);
});

test("a guest that cannot boot says why", async () => {
  const booting = bootGuest({ extraArguments: ["GUEST_AGENT=/nonexistent"] });
  await expect(booting).rejects.toMatchObject({
    code: "boot-failed",
    message: expect.stringContaining("/nonexistent"),
  });
});

describe("the topology, with plain ipvsadm", () => {
  const methods = [
    { method: "NAT", option: "-m", vip: vips.nat, address: back },
    { method: "DR", option: "-g", vip: vips.dr, address: front },
    { method: "TUN", option: "-i", vip: vips.tun, address: front },
  ] as const;
  const families = ["v4", "v6"] as const;
  const cases = methods.flatMap((method) => families.map((family) => ({ ...method, family })));

  beforeAll(async () => {
    await buildTopology(guest);
    await startRealServers(guest, names, { tls: true });
    const rules = cases.flatMap(({ option, vip, address, family }) =>
      ["-t 80", "-t 443", `-u ${echoPort}`].flatMap((service) => {
        const [protocol, port] = service.split(" ");
        const at = (pair: AddressPair) => (family === "v4" ? pair.v4 : `[${pair.v6}]`);
        const virtual = `${protocol} ${at(vip)}:${port}`;
        return [
          `-A ${virtual} -s rr`,
          ...names.map((name) => `-a ${virtual} -r ${at(address(name))}:${port} ${option}`),
        ];
      }),
    );
    await guest.sh(`ipvsadm -R <<'END'\n${rules.join("\n")}\nEND`, { namespace: "d1" });
  });

  const url = (scheme: string, vip: AddressPair, family: "v4" | "v6") =>
    `${scheme}://${family === "v4" ? vip.v4 : `[${vip.v6}]`}/index.html`;
  // A connection of its own for each URL.
  const get = (...urls: readonly string[]) => `curl -gsSk -m 5 -H "Connection: close" ${urls.join(" ")}`;
  const answers = (output: string) => output.trim().split("\n").sort();

  test.each(cases)("$method, IP$family: HTTP, HTTPS and UDP reach every real server", async ({ vip, family }) => {
    for (const scheme of ["http", "https"]) {
      const target = url(scheme, vip, family);
      expect(answers(await guest.sh(get(target, target, target), { namespace: "c" }))).toEqual(names);
    }
    const udp = await guest.sh(`perl "${udpAsk}" ${vip[family]} ${echoPort} 3`, { namespace: "c" });
    expect(answers(udp).map((line) => line.slice(0, 2))).toEqual(names);
  });

  test("the client load sees every server, and a held connection stays with one", async () => {
    const [load, held] = await Promise.all([
      startLoad(guest, { url: url("http", vips.dr, "v4"), rate: 30 }),
      startLoad(guest, { url: url("http", vips.nat, "v4"), rate: 10, hold: true }),
    ]);
    await sleep(3_000);
    const [summary, heldSummary] = [await load.stop(), await held.stop()];
    expect(summary).toMatchObject({ failed: 0, notSent: 0 });
    expect(Object.keys(summary.byServer).sort()).toEqual(names);
    expect(heldSummary.failed).toBe(0);
    expect(heldSummary.ok).toBeGreaterThan(5);
    expect(Object.keys(heldSummary.byServer)).toHaveLength(1);
  });

  test("a killed real server refuses, and comes back", async () => {
    const direct = get(url("http", front("r3"), "v4"));
    await killRealServer(guest, "r3");
    expect(await guest.exec(direct, { namespace: "c" })).toMatchObject({ status: 7 });
    await startRealServers(guest, ["r3"]);
    expect(await guest.sh(direct, { namespace: "c" })).toBe("r3\n");
  });
});
