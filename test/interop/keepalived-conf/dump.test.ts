import { describe, expect, test } from "vitest";
import { noContext, readConfig, understand } from "../../../src/config/parse-config.ts";
import { dumpOf, linesOf, vrrpLines } from "./dump.ts";
import { canAsk } from "./peer.ts";

const instance = (name: string, vrid: number, settings: string, addresses = `10.9.${vrid}.1`) =>
  `vrrp_instance ${name} {\n interface eth${vrid % 4}\n virtual_router_id ${vrid}\n ${settings}\n virtual_ipaddress {\n ${addresses}\n }\n}\n`;

const trackers = `vrrp_script chk {
  script /bin/true
  weight 5 reverse
  interval 2
  timeout 3
  rise 2
  fall 4
}
vrrp_script plain {
  script /bin/true
}
track_file load {
  file /tmp/load
}
vrrp_track_process shell {
  process sshd
  delay 2
}
vrrp_track_process exact {
  process sshd -x
  weight 4
  fork_delay 0.5
}
`;

const texts: Readonly<Record<string, string>> = {
  defaults: instance("A", 51, ""),
  "the state without a priority, a priority without a state":
    instance("A", 51, "state MASTER") +
    instance("B", 52, "priority 255") +
    instance("C", 53, "state BACKUP\n priority 255"),
  "what global_defs hands down": `global_defs {\n vrrp_garp_master_repeat 3\n vrrp_garp_master_delay 7\n vrrp_version 3\n vrrp_mcast_group4 224.0.1.2\n vrrp_down_timer_adverts 4\n vrrp_higher_prio_send_advert\n}\n${instance("A", 51, "")}${instance("B", 52, "version 2\n garp_lower_prio_repeat 9\n garp_master_delay 2\n down_timer_adverts 5")}`,
  "strict mode": `global_defs {\n vrrp_strict\n}\n${instance("A", 51, "preempt_delay 3\n down_timer_adverts 5")}${instance("B", 52, "version 3\n accept")}${instance("C", 53, "strict_mode off\n nopreempt")}`,
  "preemption that state MASTER makes void": instance("A", 51, "state MASTER\n priority 100\n nopreempt"),
  "IPv6, several blocks, excluded addresses": instance(
    "A",
    51,
    "advert_int 0.25\n virtual_ipaddress_excluded {\n 10.1.0.1/24 brd + dev eth1 label eth1:1\n 2001:db8::9\n }",
    "fe80::77\n 2001:db8::1/64\n }\n virtual_ipaddress {\n 2001:db8::2 preferred_lft forever",
  ),
  "unicast and a password": instance(
    "A",
    51,
    "unicast_peer {\n 192.0.3.9 min_ttl 5\n 192.0.3.10\n }\n authentication {\n auth_type PASS\n auth_pass 1234567\n }\n unicast_ttl 9",
  ),
  "AH, which state MASTER does not go with": instance(
    "A",
    51,
    "state MASTER\n priority 120\n authentication {\n auth_type AH\n auth_pass 1234567\n }",
  ),
  "the language": `$BASE=10.9
$LAST=\${BASE}.3
$TAIL= \\
  advert_int 2 \\
  garp_master_delay 7
$INSTANCE= \\
  vrrp_instance VI_\${N} { \\
    interface eth\${N} \\
    virtual_router_id 5\${N} \\
    $TAIL \\
    virtual_ipaddress { \\
      \${BASE}.\${N}.1 \\
    } \\
  }
~SEQ(N, 1, 2) $INSTANCE
$LISTED= \\
  vrrp_instance "LST_\${N}" { \\
    interface eth\${N} \\
    virtual_router_id 7\${N} \\
    priority \${P} \\
    virtual_ipaddress { \\
      \${LAST}.\${N} \\
    } \\
  }
~LST({N, P}, {3, 90}, {0, 95}) $LISTED
vrrp_instance "with_#_and_!" {
  interface eth0 # a comment
  virtual_router_id 80 ! another
  @high priority 110
  @^high priority 120
  @low priority 130
  @^low garp_master_delay 9
  virtual_ipaddress
  {
    10.8.0.1 dev eth1
    ~SEQx(X, 1, 9, 8) 10.8.1.\${X}
  }
}
`,
  "what is tracked": `${trackers}${instance("A", 51, "track_script {\n chk\n plain\n }\n track_file {\n load\n }\n track_process {\n shell\n exact\n }")}`,
  "a sync group": `vrrp_sync_group G {\n group {\n A B\n }\n}\n${instance("A", 51, "")}${instance("B", 52, "")}`,
};

describe.skipIf(!canAsk).concurrent("VRRP means what keepalived dumps (needs root)", () => {
  test.each(Object.keys(texts))("%s", async (name) => {
    const text = texts[name] as string;
    const { vrrp } = understand(readConfig(text, "x.conf", noContext), "x.conf");
    const theirs = vrrpLines(await dumpOf(text));
    expect(theirs.length).toBeGreaterThan(15);
    expect(linesOf(vrrp)).toEqual(theirs);
  });
});
