import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { native } from "ipvs-netlink";
import { canMakeNamespaces } from "ipvs-netlink/testing";
import { describe, expect, test } from "vitest";
import { until } from "../../e2e/lbctl.ts";
import { cabledNodes, type VrrpNode, vrrpInstance } from "../../e2e/vrrp-nodes.ts";
import { heartbeat } from "./ethernet.ts";
import { globals, instanceText } from "./instance-text.ts";
import { inScene } from "./scene.ts";

// What an instance waits for: an interface that is down or up for long enough, the end of a delay, an address.

const vip = "192.0.2.50";

/** In a node that nobody else is at the cable of. */
async function alone(play: (node: VrrpNode, peer: VrrpNode) => Promise<void>): Promise<void> {
  const nodes = cabledNodes();
  try {
    await play(...nodes);
  } finally {
    await Promise.all(nodes.map((node) => node.close()));
  }
}

describe.skipIf(!canMakeNamespaces)("an instance waits", () => {
  test.concurrent("interface_up_down_delays: a state counts when it has lasted", () =>
    inScene({ nodes: ["r1"], addresses: [] }, async (scene) => {
      const delayMs = 3_000;
      const delays = `interface_up_down_delays {\n  eth0 ${delayMs / 1000}\n}\n`;
      const slow = instanceText({ name: "VI_SLOW", priority: 100, advertMs: 2_000 });
      const quick = instanceText({
        name: "VI_QUICK",
        priority: 100,
        interface: "eth1",
        addresses: ["198.51.100.50/24"],
      });
      const ours = await scene.lbctl("r1", globals() + delays + slow + quick);
      for (const name of ["VI_SLOW", "VI_QUICK"]) await ours.becomes("master", name);
      const r1 = scene.node("r1");
      const port = (device: string, state: string) => scene.ethernet.switch.ip(`link set r1_${device} ${state}`);
      const before = ours.log().length;
      const said = () => ours.log().slice(before);

      // Down and up again is nothing; the news of the other interface comes after it.
      r1.run("sh", "-c", "ip link set eth0 down; ip link set eth0 up");
      port("eth1", "down");
      await ours.becomes("fault", "VI_QUICK");
      port("eth1", "up");
      await ours.becomes("master", "VI_QUICK");
      expect(said()).not.toMatch(/VI_SLOW \w+ ->/);

      const downMs = performance.now();
      port("eth0", "down");
      await until("it counts as down", () => /VI_SLOW master -> fault/.test(said()), ours.log);
      expect(performance.now() - downMs).toBeGreaterThan(delayMs - 50);
      await ours.becomes("fault", "VI_SLOW");
      expect((await ours.instance("VI_SLOW")).reason).toBe("interface eth0 is down");
      const upMs = performance.now();
      port("eth0", "up");
      await until("it counts as up", () => /VI_SLOW fault -> backup/.test(said()), ours.log);
      expect(performance.now() - upMs).toBeGreaterThan(delayMs - 50);
    }));

  test.concurrent("vrrp_startup_delay: it is in `initialize`, says for how long, and then begins", () =>
    alone(async (node) => {
      node.configure({ global_defs: { vrrp_startup_delay: 10 }, vrrp_instance: [vrrpInstance("VI_1")] });
      const daemon = node.start();
      await node.reaches("VI_1", "initialize");
      expect((await node.instance("VI_1"))?.reason).toMatch(/^starts in \d+(\.\d)? ?s$/);
      expect(node.namespace.ip("address show dev eth0")).not.toContain("192.0.2.100");
      await node.reaches("VI_1", "master");
      expect(daemon.log()).toMatch(/VI_1 initialize -> backup after .*: started/);
    }));

  test.concurrent("vrrp_delay_after_boot: so long after the boot of the machine, whenever it is started", () =>
    inScene({ nodes: ["r1"], addresses: [] }, async (scene) => {
      // As its processes see it, this machine was started so long ago.
      const [upS, wantedS] = [45, 60];
      const beganMs = performance.now();
      const offsetS = upS - Math.floor(native().bootTime() / 1_000);
      const wrapper = ["unshare", "--time", "--boottime", String(offsetS)];
      const text = globals(`vrrp_delay_after_boot ${wantedS}`) + instanceText({ priority: 100 });
      // Its log says that the instance has begun.
      const ours = await scene.lbctl("r1", text, undefined, { wrapper });
      expect(performance.now() - beganMs).toBeGreaterThan(1_000 * (wantedS - upS - 1));
      await ours.becomes("master");
    }));

  test.concurrent("a master that was not run and has no successor stays; with timer_expired_backup it gives way sooner, and comes back", () =>
    inScene({ nodes: ["r1"], addresses: [vip] }, async (scene) => {
      const other = instanceText({ name: "VI_OTHER", virtualRouterId: 52, priority: 1, addresses: ["192.0.2.51/24"] });
      const yielding = instanceText({ priority: 1, lines: ["timer_expired_backup 254"] });
      const ours = await scene.lbctl("r1", globals() + yielding + other);
      await ours.becomes("master");
      await ours.becomes("master", "VI_OTHER");
      const pid = ours.vrrpPid();
      const before = ours.log().length;
      process.kill(pid, "SIGSTOP");
      // Longer than either of them waits, since the last advert.
      const stoppedMs = performance.now();
      await until("it was stopped for long enough", () => performance.now() - stoppedMs > 4_500);
      process.kill(pid, "SIGCONT");
      const said = () => ours.log().slice(before);
      await until("VI_1 is master again", () => said().includes("vrrp VI_1 backup -> master"), ours.log);
      // Three intervals and the skew time of the best of the others, or of itself.
      expect(said()).toMatch(
        /VI_1 master -> backup .*it was not run for \d+ ms, others may have taken over after 3008 ms/,
      );
      expect(said()).toMatch(
        /VI_OTHER: was not run for \d+ ms, others may have taken over after 3996 ms: resigns, and listens for a successor/,
      );
      expect(said()).toMatch(/VI_OTHER: nobody took over within [\d.]+ m?s, it stays master/);
      expect(said()).not.toContain("VI_OTHER master -> backup");
      // A whole interval at the least: "4 s", "4.1 s".
      expect(said()).toMatch(/VI_1 backup -> master after ([4-9](\.\d)? s|\d{2,}s|\d+m)/);
    }));

  test.concurrent("for the end of duplicate address detection, in `initialize`", () =>
    alone(async (node) => {
      // Two minutes of probes, until they come faster.
      const set = (...settings: readonly string[]) => node.namespace.run("sysctl", "-qw", ...settings);
      set("net.ipv6.conf.eth0.accept_dad=1", "net.ipv6.conf.eth0.dad_transmits=120");
      node.namespace.ip("address flush dev eth0 scope link");
      node.namespace.ip("address add fe80::1/64 dev eth0");
      const family = { native_ipv6: true, virtual_ipaddress: ["fe80::100/64"] };
      node.configure({ vrrp_instance: [vrrpInstance("VI_1", family)] });
      const daemon = node.start();
      await node.reaches("VI_1", "initialize");
      expect((await node.instance("VI_1"))?.reason).toBe("waits for the end of duplicate address detection");
      expect(node.namespace.ip("address show dev eth0")).toContain("tentative");
      set("net.ipv6.neigh.eth0.retrans_time_ms=10");
      await node.reaches("VI_1", "master");
      expect(node.namespace.ip("address show dev eth0 tentative")).not.toContain("fe80::1/64");
      expect(daemon.log()).not.toMatch(/fault|cannot be sent/);
    }));

  test.concurrent("for the first result of a script that may put it in fault, as keepalived", () =>
    inScene({ addresses: [] }, async (scene) => {
      const [answer, check] = ["answer", "check"].map((name) => join(scene.directory, name)) as [string, string];
      writeFileSync(check, `#!/bin/sh\nuntil test -s ${answer}; do sleep 0.1; done\n. ${answer}\n`, { mode: 0o700 });
      const script = `vrrp_script slow {\n  script ${check}\n  interval 1\n  timeout 600\n}\n`;
      const tracking = (name: string, virtualRouterId: number, line: string) => {
        const addresses = [`192.0.2.${virtualRouterId}/24`];
        return instanceText({
          name,
          virtualRouterId,
          addresses,
          priority: 100,
          lines: [`track_script {\n    ${line}\n  }`],
        });
      };
      const config = (first: number) =>
        globals("script_user root") +
        script +
        tracking("VI_FAULT", first, "slow") +
        tracking("VI_WEIGHT", first + 1, "slow weight -10");
      const theirs = await scene.keepalived("r2", config(61));
      const ours = await scene.lbctl("r1", config(51));
      const isMaster = (name: string) => theirs.log().includes(`(${name}) Entering MASTER STATE`);
      await ours.becomes("master", "VI_WEIGHT");
      await until("keepalived begins where it is about a weight", () => isMaster("VI_WEIGHT"), theirs.log);
      await ours.advertises(4, "VI_WEIGHT");
      const { state, reason } = await ours.instance("VI_FAULT");
      expect({ state, reason }).toEqual({ state: "initialize", reason: "waits for the first result of script slow" });
      expect(theirs.log()).not.toContain("(VI_FAULT) Entering");

      writeFileSync(answer, "exit 1");
      await ours.becomes("fault", "VI_FAULT");
      await until("keepalived's script has failed", () => theirs.log().includes("(slow) failed"), theirs.log);
      expect([ours.log().includes("VI_FAULT backup -> master"), isMaster("VI_FAULT")]).toEqual([false, false]);
      writeFileSync(answer, "exit 0");
      await ours.becomes("master", "VI_FAULT");
      await until("keepalived begins", () => isMaster("VI_FAULT"), theirs.log);
    }));

  for (const { family, source, length, peer, virtual } of [
    { family: "IPv4", source: "198.51.100.77", length: 24, peer: heartbeat({ number: 2 }), virtual: vip },
    { family: "IPv6", source: "2001:db8::77", length: 64, peer: "2001:db8::2", virtual: "2001:db8::50" },
  ]) {
    test.concurrent(`${family}: not for its unicast source: adverts go out, and come in when the address is there`, () =>
      inScene({ addresses: [] }, async (scene) => {
        const device = family === "IPv4" ? "eth1" : "eth0";
        const between = (from: string, to: string, ...more: readonly string[]) => [
          `unicast_src_ip ${from}`,
          `unicast_peer {\n    ${to}\n  }`,
          ...more,
        ];
        const one = { interface: device, addresses: [`${virtual}/${length}`] };
        const best = instanceText({ ...one, priority: 200, lines: between(peer, source) });
        const lines = between(source, peer);
        const ours = await scene.lbctl("r1", globals() + instanceText({ ...one, priority: 150, lines }));
        await ours.becomes("master");
        const theirs = await scene.keepalived("r2", globals() + best);
        await until("keepalived hears it", () => theirs.log().includes("lower priority (150)"), theirs.log);
        await theirs.becomes("MASTER");
        await ours.advertises(4);
        await ours.becomes("master");
        scene.node("r1").ip(`address add ${source}/${length} dev ${device}${family === "IPv6" ? " nodad" : ""}`);
        await ours.heard(200);
        await ours.becomes("backup");
        expect(ours.log()).not.toMatch(/cannot be sent|fault/);
      }));
  }

  test.concurrent("track_src_ip: in fault without its unicast source, and for that until it is there", () =>
    inScene({ nodes: ["r1"], addresses: [] }, async (scene) => {
      const source = "198.51.100.77";
      const lines = [
        "track_src_ip",
        `unicast_src_ip ${source}`,
        `unicast_peer {\n    ${heartbeat({ number: 2 })}\n  }`,
      ];
      const ours = await scene.lbctl("r1", globals() + instanceText({ interface: "eth1", priority: 150, lines }));
      await ours.becomes("fault");
      expect((await ours.instance()).reason).toBe("no source address on eth1");
      scene.node("r1").ip(`address add ${source}/24 dev eth1`);
      await ours.becomes("master");
      scene.node("r1").ip(`address del ${source}/24 dev eth1`);
      await ours.becomes("fault");
    }));
});
