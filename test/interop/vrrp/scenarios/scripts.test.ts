import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { until } from "../../../e2e/lbctl.ts";
import { contentOf } from "../routers.ts";
import { inScene } from "../scene.ts";
import { expectServed, inBothForms, isSteady, run, script, validate, type Written } from "./written.ts";

// S4: a hot standby whose check decides, with clients; and what people let such a check do.

const vip = "192.0.2.50";
const nodes = ["r1", "r2", "c"] as const;

const checked = (priority: number, command: string, { weight = -5, fall = 2, misspelt = false } = {}): Written => ({
  "keepalived.conf": `global_defs {
    vrrp_version 3
    script_user root
}
vrrp_script chk_nginx {
    script "${command}"
    interval 1
    timeout 10
    weight ${weight}
    ${misspelt ? "fail" : "fall"} ${fall}
    rise 1
}
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    priority ${priority}
    advert_int 1
    track_script {
        chk_nginx
    }
    virtual_ipaddress {
        ${vip}/24
    }
}
`,
  yaml: `global_defs: { vrrp_version: 3, script_user: root }
vrrp_script:
  - name: chk_nginx
    script: ${JSON.stringify(command)}
    interval: 1
    timeout: 10
    weight: ${weight}
    ${misspelt ? "fail" : "fall"}: ${fall}
    rise: 1
vrrp_instance:
  - name: VI_1
    interface: eth0
    virtual_router_id: 51
    priority: ${priority}
    advert_int: 1
    track_script: [chk_nginx]
    virtual_ipaddress: [${vip}/24]
`,
});

/** Of the peer, which checks nothing. */
const plain = (priority: number): Written => ({
  "keepalived.conf": `global_defs {
    vrrp_version 3
}
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    priority ${priority}
    advert_int 1
    virtual_ipaddress {
        ${vip}/24
    }
}
`,
  yaml: `global_defs: { vrrp_version: 3 }
vrrp_instance:
  - { name: VI_1, interface: eth0, virtual_router_id: 51, priority: ${priority}, advert_int: 1, virtual_ipaddress: [${vip}/24] }
`,
});

inBothForms("S4 from %s", (form) => {
  test.concurrent("nginx hot standby: two failures lower the priority, one success brings it back", () =>
    inScene({ nodes, addresses: [vip] }, async (scene) => {
      const [, first] = await Promise.all([scene.nginx("r2"), scene.nginx("r1")]);
      const calls = join(scene.directory, "calls");
      const check = script(scene, "check.sh", `echo >>${calls}; kill -0 $(cat ${first.pidFile})`);
      const other = await run(scene, "r2", plain(100), form);
      const ours = await run(scene, "r1", checked(101, check), form);
      await scene.holds("r1");
      const client = await scene.client(`http://${vip}/`);
      await client.served("r1");
      for (let server = first, nth = 0; nth < 2; nth++) {
        await server.stop();
        await scene.holds("r2");
        await ours.becomes("backup");
        await other.becomes("master");
        await client.served("r2");
        const callsBefore = linesOf(calls);
        await until("it fails again and again", () => linesOf(calls) > callsBefore + 2);
        // Nothing adds up.
        expect(await ours.instance()).toMatchObject({
          priority: 96,
          base_priority: 101,
          contributions: [{ source: "script chk_nginx", weight: -5, active: true }],
        });
        server = await scene.nginx("r1");
        await scene.holds("r1");
        await client.served("r1");
        await until("its priority is back", async () => (await ours.instance()).priority === 101);
      }
      // While nginx is away and nobody has noticed, requests are refused; no others are lost.
      const { byServer, byReason } = await client.stop();
      expect(Object.keys(byServer).sort()).toEqual(["r1", "r2"]);
      const { "connect: ECONNREFUSED": _, ...others } = byReason;
      const lost = Object.values(others).reduce((sum, count) => sum + count, 0);
      if (isSteady(scene)) {
        expect(lost, JSON.stringify(byReason)).toBeLessThanOrEqual(2 * scene.watch.holderChanges(vip) + 4);
      }
    }));

  test.concurrent("a check that is a shell pipeline", () =>
    inScene({ addresses: [vip] }, async (scene) => {
      const flag = join(scene.directory, "flag");
      writeFileSync(flag, "haproxy\n");
      const command = `cat ${flag} | grep haproxy || exit 1`;
      const ours = await run(scene, "r1", checked(101, command, { weight: 0, fall: 1 }), form);
      await scene.holds("r1");
      writeFileSync(flag, "nothing\n");
      await ours.becomes("fault");
      expect((await ours.instance()).reason).toContain("chk_nginx");
      appendFileSync(flag, "haproxy\n");
      await scene.holds("r1");
    }));

  const inOwnProcesses = [
    "unshare",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
    "sh",
    "-c",
    '"$0" "$@"; echo ended $?',
  ];
  const stop = form === "yaml" ? "killall lbctl; sleep 0.1; killall lbctl; exit 1" : "pkill lbctl; sleep 30";
  test.concurrent("the check stops lbctl: the address is given back, nothing starts again, the peer serves", () =>
    inScene({ nodes, addresses: [vip] }, async (scene) => {
      await Promise.all([scene.nginx("r1"), scene.nginx("r2")]);
      const flag = join(scene.directory, "broken");
      const check = script(scene, "check.sh", `[ -e ${flag} ] || exit 0; ${stop}`);
      await run(scene, "r2", plain(100), form);
      const ours = await run(scene, "r1", checked(101, check), form, inOwnProcesses);
      await scene.holds("r1");
      const client = await scene.client(`http://${vip}/`);
      await client.served("r1");
      writeFileSync(flag, "");
      await scene.holds("r2");
      await client.served("r2");
      expect((await ours.daemon.ended).stdout).toBe("ended 0\n");
      expect(ours.log()).toMatch(/stopped\n$/);
      expect(ours.log()).not.toContain("starts in");
      await scene.holds("r2");
      expectServed(scene, vip, await client.stop(), ["r1", "r2"]);
    }));
  test("a misspelt keyword is told with what was meant", async () => {
    expect(await validate(checked(101, "/bin/true", { misspelt: true }), form)).toMatch(/fail[\s\S]*fall/);
  });
});

function linesOf(file: string): number {
  return contentOf(file).split("\n").length - 1;
}
