/** Keys with the ids that active_key takes in the corpus. */
const hmacKeys = [4, 128, 255].map((id) => `key ${id} ${"k".repeat(32)}\n `).join("");
/** Puts settings into a block of a configuration that keepalived takes without a word. */
export function inBlock(block: string, settings: string): string {
  const wrap = wrappers[block];
  if (wrap === undefined) throw new Error(`no configuration is known with a block ${block}`);
  return wrap(settings);
}

/** Settings that a keyword needs beside it, as "block keyword" or by keyword. */
const companions: Readonly<Record<string, string>> = {
  "sh-port": "lb_algo sh",
  "sh-fallback": "lb_algo sh",
  "mh-port": "lb_algo mh",
  "mh-fallback": "lb_algo mh",
  hashed: "lb_algo sh",
  ops: "protocol UDP",
  persistence_engine: "persistence_timeout 50",
  sorry_server_inhibit: "sorry_server 10.0.0.9 80",
  sorry_server_lvs_method: "sorry_server 10.0.0.9 80",
  "virtual_server ip_family": "",
  unicast_src_ip: "unicast_peer {\n 192.0.2.2\n }",
  unicast_ttl: "unicast_peer {\n 192.0.2.2\n }",
  unicast_fault_no_peer: "unicast_peer {\n 192.0.2.2\n }",
  check_unicast_src: "unicast_peer {\n 192.0.2.2\n }",
  old_unicast_checksum: "version 3\n unicast_peer {\n 192.0.2.2\n }",
  nopreempt: "state BACKUP",
  auth_type: "auth_pass secret",
  lthreshold: "uthreshold 4294967295",
  vrrp_rx_bufs_multiplier: "vrrp_rx_bufs_policy MTU",
  "virtual_server/real_server/UDP_CHECK min_reply_length": "require_reply",
  mode: `key 1 ${"k".repeat(32)}\n active_key 1`,
  key: "active_key 1",
  anti_replay: `key 1 ${"k".repeat(32)}\n active_key 1`,
  time_window: `key 1 ${"k".repeat(32)}\n active_key 1`,
  active_key: `key 1 ${"k".repeat(32)}`,
  regex_no_match: "regex a",
  regex_options: "regex a",
  regex_stack: "regex a",
  regex_min_offset: "regex a",
  regex_max_offset: "regex a",
};

/** A configuration with the setting, and what that needs beside it. */
export function withSetting(block: string, keyword: string, setting: string): string {
  const companion = companions[`${block} ${keyword}`] ?? companions[keyword];
  return inBlock(block, companion === undefined ? setting : `${companion}\n  ${setting}`);
}

/** The blocks that settings can be put into. */
export const knownBlocks = (): readonly string[] => Object.keys(wrappers);

const globals = (more = "") => `global_defs {\n  enable_script_security\n  script_user root\n${more}\n}\n`;

const server = (inside: string, check = "TCP_CHECK {\n    }") => `
  real_server 10.0.0.11 80 {
    weight 1
    ${check}
    ${inside}
  }`;

const service = (inside: string, servers = server("")) => `${globals()}
virtual_server 192.0.2.10 80 {
  protocol TCP
  lb_algo rr
  lb_kind NAT
  ${inside}${servers}
}
`;

const inServer = (inside: string, check?: string) => service("", server(inside, check));
const checker =
  (name: string, needed = "") =>
  (settings: string) =>
    inServer("", `${name} {\n      ${needed}\n      ${settings}\n    }`);
const url = (settings: string) => `url {\n path /\n ${settings}\n }`;

const instance = (inside: string, addresses = "192.0.2.1/24", number = 1) => `vrrp_instance VI_${number} {
  interface eth0
  virtual_router_id ${50 + number}
  priority 100
  ${inside}
  virtual_ipaddress {
    ${addresses}
  }
}
`;

const script = "vrrp_script chk {\n  script /bin/true\n}\n";
const file = "track_file number {\n  file /tmp\n}\n";
const process = "vrrp_track_process web {\n  process nginx\n}\n";
const bfd = "bfd_instance peer {\n  neighbor_ip 192.0.2.9\n}\n";
const tracked = `${script}${file}${process}${bfd}`;

const wrappers: Readonly<Record<string, (settings: string) => string>> = {
  "": (settings) => `${settings}\n${service("")}`,
  global_defs: (settings) => `${globals(settings)}${service("").replace(globals(), "")}`,
  virtual_server: service,
  "virtual_server/real_server": inServer,
  "virtual_server/real_server/TCP_CHECK": checker("TCP_CHECK"),
  "virtual_server/real_server/HTTP_GET": checker("HTTP_GET", url("status_code 200")),
  "virtual_server/real_server/HTTP_GET/url": (settings) => checker("HTTP_GET")(url(settings)),
  "virtual_server/real_server/SSL_GET": checker("SSL_GET", url("status_code 200")),
  "virtual_server/real_server/SSL_GET/url": (settings) => checker("SSL_GET")(url(settings)),
  "virtual_server/real_server/SMTP_CHECK": checker("SMTP_CHECK"),
  "virtual_server/real_server/SMTP_CHECK/host": (settings) => checker("SMTP_CHECK")(`host {\n ${settings}\n }`),
  "virtual_server/real_server/DNS_CHECK": checker("DNS_CHECK"),
  "virtual_server/real_server/MISC_CHECK": checker("MISC_CHECK", "misc_path /bin/true"),
  "virtual_server/real_server/PING_CHECK": checker("PING_CHECK"),
  "virtual_server/real_server/UDP_CHECK": checker("UDP_CHECK"),
  "virtual_server/real_server/FILE_CHECK": (settings) =>
    `${file}${checker("FILE_CHECK", "track_file number")(settings)}`,
  "virtual_server/real_server/BFD_CHECK": (settings) => `${bfd}${checker("BFD_CHECK", "name peer")(settings)}`,
  SSL: (settings) => `SSL {\n  ${settings}\n}\n${service("")}`,
  virtual_server_group: (settings) =>
    `virtual_server_group web {\n  ${settings}\n}\n${service("")
      .replace("192.0.2.10 80", "group web")
      .replace(settings.startsWith("fwmark") ? "protocol TCP" : "", "")}`,
  vrrp_instance: (settings) =>
    `${globals()}${tracked}${instance(settings)}`.replace(
      /(?<=virtual_ipaddress \{[^}]*\}[\s\S]*)virtual_ipaddress \{[^}]*\}\n/,
      "",
    ),
  "vrrp_instance/authentication": (settings) =>
    `${globals()}${instance(`authentication {\n auth_type PASS\n auth_pass secret\n ${settings}\n }`)}`,
  "vrrp_instance/auth_hmac": (settings) => `${globals()}${instance(`auth_hmac {\n ${hmacKeys}${settings}\n }`)}`,
  vrrp_sync_group: (settings) =>
    `${globals()}${tracked}${instance("")}${instance("", "192.0.2.2/24", 2)}vrrp_sync_group both {\n  group {\n    VI_1\n    VI_2\n  }\n  ${settings}\n}\n`.replace(
      /group \{[^}]*\}\n(?=\s+group)/,
      "",
    ),
  vrrp_script: (settings) =>
    `${globals()}vrrp_script chk {\n  script /bin/true\n  ${settings}\n}\n${instance("track_script {\n chk\n }")}`,
  track_file: (settings) =>
    `${globals()}track_file number {\n  ${/^file/.test(settings) ? "" : "file /tmp/number"}\n  ${settings}\n}\n${instance("track_file {\n number\n }")}`,
  vrrp_track_file: (settings) =>
    `${globals()}vrrp_track_file number {\n  ${/^file/.test(settings) ? "" : "file /tmp/number"}\n  ${settings}\n}\n${instance("track_file {\n number\n }")}`,
  vrrp_track_process: (settings) =>
    `${globals()}vrrp_track_process web {\n  ${/^process/.test(settings) ? "" : "process nginx"}\n  ${settings}\n}\n${instance("track_process {\n web\n }")}`,
  track_group: (settings) => `${globals()}${instance("")}track_group both {\n  ${settings}\n}\n`,
  garp_group: (settings) =>
    `${globals()}garp_group {\n  garp_interval 1\n  ${settings}\n  ${settings.startsWith("interface") ? "" : "interface eth0"}\n}\n${instance("")}`,
  bfd_instance: (settings) =>
    `${globals()}bfd_instance peer {\n  neighbor_ip 192.0.2.9\n  ${settings}\n}\n${instance(settings.startsWith("checker") ? "" : "track_bfd {\n peer\n }")}`,
};
