import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadConfig } from "../load.ts";

const folder = "/usr/share/doc/keepalived/samples/";
const keepalived = "/usr/sbin/keepalived";
// keepalived itself is set up by `npm test`; a network namespace for it takes root.
const root = process.geteuid?.() === 0;
const samples = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith("keepalived.conf.")) : [];

const interfaces = ["eth0 type veth peer name eth1", "eth2 type veth peer name eth3"];
const alone = `${interfaces.map((link) => `ip link add ${link}`).join("; ")}; exec "$@"`;

/** What `keepalived -t` ends with, alone in a network namespace with the interfaces that people name. */
function keepalivedVerdict(file: string): Promise<{ readonly status: number }> {
  return new Promise((resolve) => {
    execFile("unshare", ["-n", "sh", "-c", alone, "sh", keepalived, "-t", "-f", file, "-i", "high"], (error) =>
      // Killed by a signal it has no status: it does not survive every file.
      resolve({ status: error === null ? 0 : Number(error.code ?? 1) }),
    );
  });
}

const validHereOnly = [
  // keepalived ends with 5 where it says that protocol has no meaning with fwmark; the same is a warning here.
  "keepalived.conf.fwmark",
  // It ends with 5 where it says that the state MASTER does not go with AH.
  "keepalived.conf.SSL_GET",
  // These wait here for interfaces that do not exist yet: eth1.104, ppp0, ...
  "keepalived.conf.track_interface",
  "keepalived.conf.vrrp.localcheck",
  "keepalived.conf.vrrp.routes",
  "keepalived.conf.vrrp.static_ipaddress",
];

describe.skipIf(!root)("the samples of Debian's keepalived package (needs root)", () => {
  test("are there", () => expect(samples.length).toBeGreaterThan(20));

  test.each(samples)("%s: valid as for keepalived, or refused for what this version lacks", async (sample) => {
    const ours = await loadConfig(folder + sample, { configId: "high" });
    if (ours.ok) {
      const { status } = await keepalivedVerdict(folder + sample);
      expect(status === 0 || validHereOnly.includes(sample)).toBe(true);
    } else {
      const errors = ours.diagnostics.filter(({ severity }) => severity === "error");
      const wrong = errors.filter(({ code }) => code !== "unsupported-keyword");
      expect(errors.length).toBeGreaterThan(0);
      if (wrong.length > 0) expect((await keepalivedVerdict(folder + sample)).status).not.toBe(0);
    }
  });
});

const server = (inside = "", before = "") => `${before}
virtual_server 192.0.2.10 80 {
  protocol TCP
  lb_algo rr
  lb_kind NAT
  ${inside}
  real_server 10.0.0.11 80 {
    weight 1
    TCP_CHECK {
      connect_timeout 3
    }
  }
}
`;
const more = (start: string, end = "") => `${start} real_server 10.0.0.12 80 { ${end}}`;

const texts = {
  "nothing special": server(),
  "a brace on the next line": server().replace("80 {", "80\n{"),
  "several braces on a line": server(more("", "TCP_CHECK { connect_timeout 2 } ")),
  "a setting twice": server("lb_algo wrr\n lvs_sched lc\n delay_loop 3\n delay_loop 4"),
  "global_defs twice": server("", "global_defs { router_id a\n }\nglobal_defs { router_id b\n }"),
  "a parameter": server("delay_loop $LOOP", "$LOOP=3"),
  "a parameter in a word": server(`persistence_timeout 3\${ZERO}`, "$ZERO=0"),
  "a parameter before a comma": server(`~LST(N, $A, $B) delay_loop \${N}`, "$A=1\n$B=2"),
  "a parameter that is not defined": server(`delay_loop \${LOOP}`),
  "a parameter of several lines": server("$MORE", "$MORE= \\\n delay_loop 3 \\\n quorum 1"),
  "lines behind a parameter of several lines": server("$MORE x", "$MORE= \\\n delay_loop 3 \\\n quorum 1"),
  "a sequence": server(`~SEQ(N, 12, 14) real_server 10.0.0.\${N} 80 { weight 1\n }`.replace("\n", " ")),
  "a sequence without end": server(`~SEQ(N, 1, 0, 5) delay_loop \${N}`),
  "a list with blanks in its values": server(`~LST(N, a b, c) virtualhost \${N}`),
  "a list with too many values": server(`~LST({N, M}, {1, 2, 3}) delay_loop \${N}`),
  "a condition": server("@high delay_loop 3\n @low no_such_keyword\n @^high no_such_keyword"),
  comments: server("delay_loop 3 # a\n quorum 1 ! b\n # c\n ! d"),
  "a line that goes on": server("delay_loop \\\n 3"),
  "a line that ends with a backslash": server("delay_loop 3 \\"),
  "an unknown word": server("delay_lopo 3"),
  "a keyword of another block": server("connect_port 80"),
  "a brace that is missing": server().replace("    }\n", ""),
  "a brace too many": `${server()}}\n`,
  "a quote that is not closed": server('virtualhost "www'),
  "a file to include that is not there": `${server()}include no-such-file.inc\n`,
  "files to include that are not there": `${server()}include no-such-*.inc\n`,
  "a file that must be there": `${server()}includew no-such-*.inc\n`,
  include_check: `${server("", "global_defs {\n include_check\n}")}include no-such-*.inc\n`,
  "a weight out of range": server().replace("weight 1", "weight 99999999999"),
  "a scheduler that is none": server().replace("lb_algo rr", "lb_algo best"),
  "an address that is none": server().replace("10.0.0.11", "10.0.0.311"),
  "a status code that is none": server(more("", "HTTP_GET { url { path /\n status_code 2000 } } ")),
};

/** What keepalived lets pass, and why it is refused here. */
const refusedHereOnly = {
  "a word too many": server("delay_loop 3 seconds"),
  "a word behind the port": server().replace("80 {", "80 tcp {"),
};

describe.skipIf(!root)("texts that keepalived -t is asked about as well (needs root)", () => {
  const scratch = mkdtempSync(join(tmpdir(), "lbctl-verdicts-"));
  afterAll(() => rmSync(scratch, { recursive: true }));

  async function verdicts(text: string) {
    const file = join(scratch, "lb.conf");
    writeFileSync(file, text);
    const [{ status }, ours] = await Promise.all([keepalivedVerdict(file), loadConfig(file, { configId: "high" })]);
    return { keepalived: status === 0, ours: ours.ok };
  }

  test.each(Object.entries(texts))("%s", async (_, text) => {
    const { keepalived: theirs, ours } = await verdicts(text);
    expect(ours).toBe(theirs);
  });

  test.each(Object.entries(refusedHereOnly))("%s: keepalived drops it, which is refused here", async (_, text) => {
    expect(await verdicts(text)).toEqual({ keepalived: true, ours: false });
  });
});
