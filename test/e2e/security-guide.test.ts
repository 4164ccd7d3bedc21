import { join } from "node:path";
import { canMakeNamespaces } from "ipvs-netlink/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { program, until } from "./lbctl.ts";
import { blocksOf, stepsOf } from "./page.ts";
import { Prompt } from "./prompt.ts";
import { cabledNodes, type VrrpNode, vrrpInstance } from "./vrrp-nodes.ts";

// docs/guides/security.md: its commands are typed in their order on a director with every kind of process, beside a neighbour who
// knows the virtual routers and none of the passwords.

const page = "docs/guides/security.md";
const checkout = join(import.meta.dirname, "../..");

/** The same virtual routers, with another password each. */
const instances = (secret: string, priority: number, more: object = {}) => [
  vrrpInstance("VI_1", {
    ...{ version: 2, advert_int: 1, priority, authentication: { auth_type: "PASS", auth_pass: secret } },
    ...more,
  }),
  vrrpInstance("VI_2", {
    ...{ version: 2, advert_int: 1, priority, virtual_router_id: 52, virtual_ipaddress: ["192.0.2.102/24"] },
    authentication: { auth_type: "AH", auth_pass: secret },
  }),
  vrrpInstance("VI_3", {
    ...{ priority, virtual_router_id: 53, virtual_ipaddress: ["192.0.2.103/24"] },
    auth_hmac: { active_key: 1, key: [`1 ${secret}${"0123456789".repeat(4)}`] },
  }),
];

/** What the page shows of global_defs, with what it talks about. */
const config = (secret: string) => ({
  ...(parse(blocksOf(page).find(({ language }) => language === "yaml")?.text ?? "") as object),
  vrrp_instance: instances(secret, 100, { notify_master: "/etc/lbctl/scripts/told" }),
  bfd_instance: [{ name: "gateway", neighbor_ip: "192.0.2.2", source_ip: "192.0.2.1" }],
  virtual_server: [
    {
      ...{ name: "web", address: "127.0.0.1", port: 8080, protocol: "TCP", delay_loop: 2 },
      quorum_up: ["/etc/lbctl/scripts/told", "root"],
      real_server: [{ address: "10.0.0.11", port: 80, PING_CHECK: { connect_timeout: 1 } }],
    },
  ],
});

/** Who it is and what it has: the log has it, a line of the output behind the other. */
const told = "#!/bin/sh\nid -un\nenv\nreadlink /proc/self/fd/* || :\n";

let node: VrrpNode;
let neighbour: VrrpNode;
let prompt: Prompt;

beforeEach(() => {
  [node, neighbour] = cabledNodes();
  node.namespace.ip("address add 10.0.0.11/32 dev lo");
  const run = 'case $1 in run) shift; set -- run --dataplane userspace --log console "$@";; esac';
  // Users who may not enter the checkout run it, too.
  const installed = program.startsWith(checkout) ? join("/run/checkout", program.slice(checkout.length)) : program;
  prompt = new Prompt(node.namespace.name, { lbctl: `${run}\nexec ${installed} "$@"` });
});
afterEach(async () => {
  await prompt.close();
  await Promise.all([node.close(), neighbour.close()]);
});

const good = async (line: string) => expect(await prompt.type(line), line).toMatchObject({ status: 0 });

describe.skipIf(!canMakeNamespaces)(page, () => {
  test("is what a running director shows", { timeout: 600_000 }, async () => {
    await good(`mkdir -p /run/checkout /etc/lbctl/scripts && mount --bind "${checkout}" /run/checkout`);
    await good("sed -i '/^keepalived_script:/d' /etc/passwd && sed -i -E '/^(lbops|keepalived_script):/d' /etc/group");
    await prompt.write("/etc/lbctl/scripts/told", told);
    await good("chmod 755 /etc/lbctl/scripts/told");
    await prompt.write("/etc/lbctl/lbctl.yaml", JSON.stringify(config("s3cr3t"), null, 1));
    await good("umask 022; chmod 644 /etc/lbctl/lbctl.yaml");
    expect((await prompt.type("lbctl validate")).output).toContain("warning[password-readable]");
    neighbour.configure({ vrrp_instance: instances("guessed", 90) });
    neighbour.start();

    const [user, group, mode, ...others] = stepsOf(page);
    for (const step of [user, group, mode]) if (step !== undefined) await prompt.follow(step, page);
    await good("useradd --groups lbops alice");
    await prompt.leaveRunning("NOTIFY_SOCKET=/run/nobody lbctl run", /real_server web .* -> up/);
    for (const step of others) await prompt.follow(step, page);

    await processesHaveWhatThePageSays();
    await scriptsGetWhatThePageSays();
    for (const step of stepsOf(page, "The control socket")) await prompt.follow(step, page);
    await passwordsAreNowhere();
    await strangersAreToldOf();
  });
});

async function processesHaveWhatThePageSays(): Promise<void> {
  const [director, each] = stepsOf(page, "What runs with which privilege");
  if (director === undefined || each === undefined) throw new Error("the page shows no processes");
  await prompt.follow(director, page);
  await prompt.says(/served on http:\/\/127\.0\.0\.1:9650/);
  const shown = await prompt.follow(each, page);
  const names = [...shown.matchAll(/^lbctl: (\w+)$/gm)].map(([, name]) => name);
  // Each row of the table, and the user-space data plane, which the page does not speak of.
  expect(names.sort()).toEqual(["bfd", "checker", "dataplane", "scripts", "supervisor", "vrrp", "web"]);
  const [, ofWeb = ""] = shown.split("lbctl: web\n");
  expect(ofWeb).toMatch(/^CapEff:\t0{16}$/m);
  expect(ofWeb).toMatch(/^Groups:\s*$/m);
}

async function scriptsGetWhatThePageSays(): Promise<void> {
  await prompt.says(/script \/etc\/lbctl\/scripts\/told ended after .*: keepalived_script \| /);
  const [said = ""] = /told ended after .*keepalived_script \| .*/.exec(prompt.output) ?? [];
  const variables = [...said.matchAll(/ \| ([A-Z_]+)=/g)].map(([, name]) => name);
  // PWD is the shell's own.
  expect(variables.filter((name) => name !== "PWD").sort()).toEqual([
    "HOME",
    "LANG",
    "LOGNAME",
    "PATH",
    "SHELL",
    "USER",
  ]);
  // Input and output, and the folder that readlink's pattern is made from is none of a program's descriptors.
  const descriptors = [...said.matchAll(/ \| (\/dev\/null|pipe:\S+|socket:\S+|anon_inode:\S+)/g)].map(
    ([, what]) => what,
  );
  expect(descriptors.map((what) => what?.replace(/:.*/, ""))).toEqual(["/dev/null", "pipe", "pipe"]);

  for (const step of stepsOf(page, "Scripts")) await prompt.follow(step, page);
  // It would run as root when the quorum is back.
  await good("ip address del 10.0.0.11/32 dev lo");
  await prompt.says(/quorum web met -> lost/);
  await good("ip address add 10.0.0.11/32 dev lo");
  await prompt.says(
    /script \/etc\/lbctl\/scripts\/told .*\/etc\/lbctl\/scripts can be written by group \d+ \(owner 0, group \d+, mode 0775\)/,
  );
  await good("chmod 755 /etc/lbctl/scripts");
}

async function passwordsAreNowhere(): Promise<void> {
  await prompt.write("/etc/keepalived/keepalived.conf", "virtual_server 192.0.2.10 80 {\n  protocol TCP\n}\n");
  // A refused file is spoken of in all of these places: here it is the password itself that is wrong.
  await prompt.write("/etc/lbctl/wrong.yaml", JSON.stringify(config("s3cr3t\u0007"), null, 1));
  await good("cp -p /etc/lbctl/lbctl.yaml /etc/lbctl/right.yaml && cat /etc/lbctl/wrong.yaml >/etc/lbctl/lbctl.yaml");
  expect(await prompt.type("lbctl reload")).toMatchObject({ status: 3 });
  for (const step of stepsOf(page, "Configuration")) {
    await prompt.follow(step, page);
    if (step.command.startsWith("kill -USR1")) await prompt.says(/dumped the state to/);
  }
  expect((await prompt.type("ls /run/lbctl/net-*")).output).toContain("lbctl.data");
  expect((await prompt.type("cat /run/lbctl/told")).output).toContain("reload refused");
  expect(prompt.output).not.toContain("s3cr3t\\u0007");
  await good("cp -p /etc/lbctl/right.yaml /etc/lbctl/lbctl.yaml && lbctl reload");
}

async function strangersAreToldOf(): Promise<void> {
  const [events, counted, ...filter] = stepsOf(page, "VRRP on the wire");
  if (events === undefined || counted === undefined) throw new Error("the page shows no adverts that do not count");
  await prompt.follow(events, page);
  for (const wrong of [
    /VI_2: advert from 192\.0\.2\.2 ignored: .*HMAC-MD5/,
    /VI_3: advert from 192\.0\.2\.2 ignored: .*key 1/,
  ])
    await prompt.says(wrong);
  await prompt.follow(counted, page);
  const failures = async () => {
    const { output } = await prompt.type(counted.command);
    return [...output.matchAll(/: (\d+)/g)].map(([, count]) => Number(count));
  };
  await until("each of them counts", async () => (await failures()).every((count) => count > 0));
  for (const step of filter) await prompt.follow(step, page);
  const dropped = async () =>
    Number(/packets (\d+)/.exec((await prompt.type("nft list table inet vrrp_peers")).output)?.[1] ?? 0);
  // Adverts go on arriving, and none of them is heard any more.
  await until("none is heard", async () => {
    const [heard, before] = [await failures(), await dropped()];
    await until("more of them are dropped", async () => (await dropped()) > before + 3);
    return (await failures()).join() === heard.join();
  });
}
