import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DirectorNode, directorNode } from "./lbctl.ts";
import { killRealServer, startRealServers } from "./real-servers.ts";
import { buildTopology, front, type RealServerName, vips } from "./topology.ts";
import { bootGuest, type Guest } from "./uml/guest.ts";
import { removalBoundMs } from "./virtual-server.ts";

const names: readonly RealServerName[] = ["r1", "r2"];

/** The LVS part of what people write for a pair of MySQL servers (S7), with the ports of this network. */
const mysql = (lbAlgo: string) => `! Configuration File for keepalived
global_defs {
   router_id MYSQL_HA
}
virtual_server ${vips.dr.v4} 80 {
    delay_loop 0.5
    lb_algo ${lbAlgo}
    lb_kind DR
    persistence_timeout 60
    protocol TCP
    real_server ${front("r1").v4} 80 {
        weight 3
        TCP_CHECK {
            connect_port 80
            connect_timeout 5
            retry 1
            delay_before_retry 0.2
            warmup 0
        }
    }
}
`;

/** The LVS part of a web hot standby with direct routing (S11). */
const web = `virtual_server ${vips.dr.v4} 80 {
    delay_loop 0.5
    lb_algo rr
    lb_kind DR
    protocol TCP
${names
  .map(
    (name) => `    real_server ${front(name).v4} 80 {
        weight 1
        TCP_CHECK {
            connect_timeout 5
            retry 1
            delay_before_retry 0.2
            warmup 0
        }
    }`,
  )
  .join("\n")}
}
`;

let guest: Guest;
let node: DirectorNode;
let file: string;

beforeAll(async () => {
  guest = await bootGuest();
  await buildTopology(guest, { realServers: names });
  await startRealServers(guest, names);
  node = directorNode(guest, "d1");
  file = join(guest.sharedDir, "keepalived.conf");
});
afterAll(() => guest?.close());

const url = `http://${vips.dr.v4}/index.html`;
const ask = async () =>
  (await guest.sh(`curl -gsS -m 5 -H "Connection: close" ${[url, url, url, url].join(" ")}`, { namespace: "c" }))
    .trim()
    .split("\n");

/** The table that the same settings in YAML give: as `lbctl plan` has nothing to do for them. */
async function plannedForYaml(yaml: object): Promise<unknown> {
  node.configure(yaml);
  const { stdout } = await node.lbctl("plan", "-f", node.configFile, "--json");
  return (JSON.parse(stdout) as { readonly operations: unknown }).operations;
}

describe("lbctl run -f keepalived.conf, as people have written it", () => {
  test("S7: MySQL with direct routing and persistence; the same in YAML changes nothing", async () => {
    writeFileSync(file, mysql("wrr"));
    const daemon = await node.start("-f", file);
    expect(new Set(await ask())).toEqual(new Set(["r1"]));
    expect(await node.table()).toEqual([
      `-A -t ${vips.dr.v4}:80 -s wrr -p 60`,
      `-a -t ${vips.dr.v4}:80 -r ${front("r1").v4}:80 -g -w 3`,
    ]);
    const timing = { connect_timeout: 5, retry: 1, delay_before_retry: 0.2, warmup: 0 };
    const check = { connect_port: 80, ...timing };
    const real_server = { address: front("r1").v4, port: 80, weight: 3, TCP_CHECK: check };
    const shared = { lvs_sched: "wrr", lvs_method: "DR", persistence_timeout: 60, protocol: "TCP", delay_loop: 0.5 };
    const yaml = { virtual_server: { address: vips.dr.v4, port: 80, ...shared, real_server } };
    expect(await plannedForYaml(yaml)).toEqual([]);
    await daemon.stop();
  });

  test("S11: a client sees both servers in turn; one that dies is removed, and returns", async () => {
    writeFileSync(file, web);
    const daemon = await node.start("-f", file);
    expect(new Set(await ask())).toEqual(new Set(names));
    await killRealServer(guest, "r2");
    await daemon.logged(new RegExp(`${front("r2").v4}:80 up -> down`), removalBoundMs + 60_000);
    expect(new Set(await ask())).toEqual(new Set(["r1"]));
    await startRealServers(guest, ["r2"]);
    await daemon.logged(new RegExp(`${front("r2").v4}:80 down -> up`), 60_000);
    expect(new Set(await ask())).toEqual(new Set(names));
    await daemon.stop();
  });
});
