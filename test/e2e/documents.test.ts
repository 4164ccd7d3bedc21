import { join } from "node:path";
import { canMakeNamespaces, makeNamespace } from "ipvs-netlink/testing";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { shows } from "../kernel/guides/guide.ts";
import { start, until } from "./lbctl.ts";
import { blocksOf, sectionOf, stepsOf } from "./page.ts";
import { Prompt } from "./prompt.ts";
import { cabledNodes, type VrrpNode, vrrpInstance } from "./vrrp-nodes.ts";

// Pages of docs/ that are no guides: their commands are typed as they are written, and show what the page shows.

/** The first block of a section of a page whose language this is. */
function blockOf(page: string, language: string, title: string | null = null): string {
  const part = sectionOf(page, title);
  const block = blocksOf(page).find((each) => each.language === language && part.includes(each.text));
  if (block === undefined) throw new Error(`${page} ${title} has no block of ${language}`);
  return block.text;
}

/** A machine alone, with a web server on these addresses. */
async function aloneWith(programs: Readonly<Record<string, string>>, ...addresses: readonly string[]): Promise<Prompt> {
  const namespace = makeNamespace();
  onTestFinished(() => namespace.delete());
  for (const address of addresses) namespace.ip(`address add ${address}/32 dev lo`);
  const prompt = new Prompt(namespace.name, programs);
  onTestFinished(() => prompt.close());
  const listen =
    "require('node:http').createServer((_, answer) => answer.end('ok')).listen(80, '10.0.0.11', () => console.log('it listens'))";
  const web = start("ip", ["netns", "exec", namespace.name, process.execPath, "-e", listen]);
  onTestFinished(() => web.signal("SIGKILL"));
  await until(
    "the web server listens",
    () => web.stdout().includes("it listens"),
    () => web.stderr(),
  );
  return prompt;
}

const web =
  "virtual_server: [{ name: web, address: 127.0.0.1, port: 8080, protocol: TCP, delay_loop: 1, real_server: [{ address: 10.0.0.11, port: 80, TCP_CHECK: {} }] }]\n";
const seesItUp = /real_server web 10\.0\.0\.11:80 \w+ -> up/;

const instance =
  "vrrp_instance: [{ name: VI_1, interface: eth0, virtual_router_id: 51, priority: 101, virtual_ipaddress: [192.0.2.100/24] }]\n";
const blueAndGreen = ["blue", "green"].map((name) => [
  name,
  `instance ${name}\nvirtual_server 127.0.0.1 80 {\n  protocol TCP\n}\n`,
]);

describe.skipIf(!canMakeNamespaces)("docs/operations.md", () => {
  test("starting, maintenance, at the prompt, the control socket", async () => {
    const prompt = await aloneWith({ ssh: 'echo "ssh $*"' }, "10.0.0.11");
    await prompt.write("/etc/lbctl/lbctl.yaml", web);
    await prompt.write("/etc/lbctl/new.yaml", web.replace("delay_loop: 1", "delay_loop: 2, quorum: 1"));
    for (const step of stepsOf("docs/operations.md", "Starting")) {
      if (step.command.startsWith("lbctl run")) await prompt.leaveRunning(step.command, seesItUp);
      else await prompt.follow(step, "operations.md");
    }
    const [drain, undrain] = stepsOf("docs/operations.md", "Drain and maintenance");
    expect(await prompt.follow(drain as never, "operations.md")).toContain("ssh web1 reboot");
    await prompt.follow(undrain as never, "operations.md");

    await prompt.type("mkdir -p ~/.config/fish/completions functions && fpath=(x functions)");
    const atPrompt = stepsOf("docs/operations.md", "At the prompt");
    for (const step of atPrompt) await prompt.follow(step, "operations.md");
    expect((await prompt.type((atPrompt.at(-1) as { command: string }).command)).output).toBe("10.0.0.11:80\n");
    expect((await prompt.type("complete -p lbctl")).output).toContain("lbctl");

    const answers: Record<string, unknown> = {};
    for (const step of stepsOf("docs/operations.md", "Control socket")) {
      const asked = step.command.includes("follow=1") ? prompt.firstOf(step.command) : prompt.ask(step.command);
      const { status, answer } = await asked;
      expect(status, step.command).toBe(0);
      const request = /v1\/(\w+)/.exec(step.command)?.[1];
      if (request !== undefined) answers[request] = JSON.parse(answer);
    }
    expect(answers).toMatchObject({
      status: { version: 1, virtual_servers: [{ name: "web" }] },
      reload: { generation: 2, refused: [] },
      // The user-space data plane cannot be handed over.
      upgrade: { error: { code: "upgrade-failed" } },
      plan: { file: "/etc/lbctl/new.yaml" },
      events: { seq: 1 },
    });
    expect((await prompt.type("lbctl status")).output).toMatch(/10\.0\.0\.11:80.*drained/);
  });

  test("several directors on one machine", async () => {
    const prompt = await aloneWith({}, "10.0.0.11");
    for (const [name = "", text = ""] of blueAndGreen) {
      expect(await prompt.type(`ip netns add ${name} && ip -n ${name} link set lo up`)).toMatchObject({ status: 0 });
      await prompt.write(`${name}.conf`, text);
    }
    for (const step of stepsOf("docs/operations.md", "Several directors on one machine")) {
      const name = /^ip netns exec (\w+) lbctl run /.exec(step.command)?.[1];
      if (name === undefined) expect(await prompt.follow(step, "operations.md")).toContain("127.0.0.1:80");
      else
        await prompt.leaveRunning(step.command.replace(/ +#.*/, ""), new RegExp(`control socket /run/lbctl/${name}/`));
    }
  });
});

/** There is one version of it here, and it is elsewhere. */
function versionless(text: string): string {
  return text.replace(/\d+(?:\.\d+)*(?: ms| s\b)?/g, "0").replace(/starting .*/g, "starting");
}

describe.skipIf(!canMakeNamespaces)("two nodes on one cable", () => {
  let node: VrrpNode;
  let peer: VrrpNode;
  let prompt: Prompt;

  beforeEach(() => {
    [node, peer] = cabledNodes();
  });
  afterEach(async () => {
    await prompt.close();
    await Promise.all([node.close(), peer.close()]);
  });

  test("docs/vrrp.md and docs/upgrades.md", async () => {
    peer.configure({ vrrp_instance: [vrrpInstance("VI_1", { version: 2, advert_int: 1 })] });
    peer.start();
    await peer.reaches("VI_1", "master");
    prompt = new Prompt(node.namespace.name, { "apt-get": "" }, "--log console");
    // By its name the check finds the nginx of any other test, too, on this machine.
    const written = blockOf("docs/vrrp.md", "");
    expect(written).toContain("killall -0 nginx");
    await prompt.write("/etc/lbctl/lb.conf", written.replace("killall -0 nginx", "killall -0 no-such-nginx"));
    for (const step of stepsOf("docs/vrrp.md")) {
      if (step.command.startsWith("lbctl run")) await prompt.leaveRunning(step.command, /vrrp VI_1 \w+ -> backup/);
      else await prompt.follow(step, "vrrp.md");
    }
    for (const { command, output } of stepsOf("docs/upgrades.md")) {
      const said = await prompt.type(command);
      expect(said.status, said.output).toBe(0);
      expect(shows(versionless(said.output), output.map(versionless)), said.output).toBe(true);
    }
    // The same by hand, of a director that can be handed over.
    const [socket, ...requests] = stepsOf("docs/operations.md", "Control socket");
    const byHand = requests.find((step) => step.command.endsWith("/v1/upgrade"));
    await prompt.type(socket?.command ?? "");
    const { answer } = await prompt.ask(byHand?.command ?? "");
    expect(JSON.parse(answer)).toMatchObject({ upgraded: true, carried: "everything", reload: null });
    expect((await prompt.type("lbctl status")).output).toMatch(/VI_1 +backup/);
  });

  test("docs/bfd.md", async () => {
    prompt = new Prompt(node.namespace.name);
    peer.namespace.ip("address add 192.0.2.254/24 dev eth0");
    peer.configure({
      bfd_instance: [
        { name: "director", neighbor_ip: "192.0.2.1", source_ip: "192.0.2.254", min_tx: 50, min_rx: 50, multiplier: 3 },
      ],
      vrrp_instance: [vrrpInstance("VI_9", { virtual_router_id: 9, track_bfd: ["director"] })],
    });
    peer.start();
    await prompt.write("/etc/lbctl/lb.conf", blockOf("docs/bfd.md", ""));
    expect(await prompt.type("lbctl validate --offline -f /etc/lbctl/lb.conf")).toMatchObject({ status: 0 });
    await prompt.leaveRunning("lbctl run -f /etc/lbctl/lb.conf", /bfd gateway \w+ -> up/);
    for (const step of stepsOf("docs/bfd.md")) await prompt.follow(step, "bfd.md");
  });
});

describe.skipIf(!canMakeNamespaces)("files and programs", () => {
  test("docs/convert.md and docs/keepalived-conf.md", async () => {
    const prompt = await aloneWith({}, "10.0.0.11");
    await prompt.write("/etc/keepalived/keepalived.conf", blockOf("docs/convert.md", "conf"));
    for (const step of stepsOf("docs/convert.md")) await prompt.follow(step, "convert.md");
    expect((await prompt.ask("cat /etc/lbctl/lbctl.yaml")).answer).toBe(blockOf("docs/convert.md", "yaml"));
    // The address of the page is not here, and the user-space data plane listens on it.
    await prompt.type("sed -i s/192.0.2.10/127.0.0.1/ /etc/keepalived/keepalived.conf");
    for (const step of stepsOf("docs/keepalived-conf.md")) {
      if (step.command.startsWith("lbctl run")) await prompt.leaveRunning(step.command, / ready: /);
      else await prompt.follow(step, "keepalived-conf.md");
    }
  });

  test("docs/doctor.md", async () => {
    const prompt = await aloneWith({}, "10.0.0.11");
    await prompt.type(
      "ip link add eth0 type veth peer name eth1 && ip link set eth1 up && ip address add 192.0.2.1/24 dev eth0 && ip link set eth0 up",
    );
    await prompt.type("sysctl -w net.ipv4.ip_forward=0 net.ipv4.conf.eth0.rp_filter=0 net.ipv4.conf.all.rp_filter=0");
    await prompt.write(
      "/etc/lbctl/lbctl.yaml",
      `${web.replace("127.0.0.1", "192.0.2.100").replace("protocol", "lvs_method: NAT, protocol")}${instance}`,
    );
    const [step] = stepsOf("docs/doctor.md");
    const { output } = await prompt.type(step?.command ?? "");
    // How many of each there are depends on the machine.
    const counts = (line: string) =>
      line.replace(/\d+ (?=failure|warning|unknown|ok)/g, "N ").replace(/(failure|warning)s/g, "$1");
    expect(shows(counts(output), (step?.output ?? []).filter((line) => line !== "...").map(counts)), output).toBe(true);
  });

  test("docs/metrics.md: what nginx and Prometheus are given", async () => {
    const prompt = await aloneWith({}, "10.0.0.11");
    const [scrape = "", relabel = ""] = blocksOf("docs/metrics.md").flatMap(({ language, text }) =>
      language === "yaml" && !text.startsWith("global_defs") ? [text] : [],
    );
    await prompt.write("prometheus.yml", `${scrape}${relabel}`);
    expect(await prompt.type("promtool check config prometheus.yml")).toMatchObject({ status: 0 });
    await prompt.write("nginx.conf", `events {}\nhttp {\nserver {\n${blockOf("docs/metrics.md", "nginx")}}\n}\n`);
    expect(await prompt.type('mkdir /var/lib/nginx && nginx -t -c "$PWD/nginx.conf"')).toMatchObject({ status: 0 });
  });

  test("docs/checkers.md: looking into a check", async () => {
    const prompt = await aloneWith({}, "10.0.0.11", "10.0.0.12", "10.0.0.53");
    const key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    const made = [
      `openssl req -x509 ${key} -keyout ca.key -out ca.pem -days 30 -subj "/CN=Test authority"`,
      `openssl req ${key} -keyout server.key -out server.csr -subj /CN=www.example.org -addext subjectAltName=DNS:www.example.org`,
      "openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -copy_extensions copy -out server.pem -days 30",
      'echo "10.0.0.11 www.example.org" >>/etc/hosts',
      "cp ca.pem /etc/ssl/certs/test-authority.pem && cat ca.pem >>/etc/ssl/certs/ca-certificates.crt",
    ];
    for (const line of made) expect(await prompt.type(line), line).toMatchObject({ status: 0 });
    const servers = join(import.meta.dirname, "document-servers.ts");
    await prompt.leaveRunning(`"${process.execPath}" "${servers}" .`, /they listen/);
    const url = "url: { path: /health, virtualhost: www.example.org }";
    const check = `SSL_GET: { enable_sni: true, tls_verify: true, connect_timeout: 5, ${url} }`;
    const service = web.replace("TCP_CHECK: {}", check).replace("port: 80,", "port: 443,");
    await prompt.write("/etc/lbctl/lbctl.yaml", `SSL: { ca: ca.pem }\n${service}`);
    await prompt.leaveRunning("lbctl run", /real_server web 10\.0\.0\.11:443 \w+ -> up/);
    for (const step of stepsOf("docs/checkers.md", "Looking into a check")) {
      const { status, output } = await prompt.type(step.command);
      // The port that the connection goes out from is another one every time.
      const portless = (text: string) => text.replace(/(?<=port )\d+$/gm, "0").replace(/from \S+ port/g, "from port");
      expect(status, output).toBe(0);
      expect(shows(portless(output), step.output.map(portless)), output).toBe(true);
    }
  });
});
