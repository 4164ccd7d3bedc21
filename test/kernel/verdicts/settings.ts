/** Virtual servers that nothing happens to: every setting that reaches the kernel. Both sides have to write the same. */

const schedulers = ["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sed", "nq", "fo", "ovf"].map((scheduler) => [
  `lb_algo ${scheduler}`,
]);

const tunnels = ["ipip", "gue port 6080", "gue port 6081 csum", "gue port 6082 remcsum", "gre", "gre csum"].map(
  (type) => ["lb_kind TUN", `lvs_method TUN type ${type}`],
);

const others: readonly (readonly string[])[] = [
  ...schedulers,
  ["lb_algo sh", "sh-port"],
  ["lb_algo sh", "sh-fallback", "sh-port"],
  ["lb_algo mh", "mh-port"],
  ["lb_algo mh", "mh-fallback"],
  ["lb_algo wlc", "flag-1", "flag-3"],
  ["persistence_timeout 300"],
  ["persistence_timeout 360", "persistence_granularity 255.255.255.0"],
  ["protocol UDP", "persistence_timeout 60", "persistence_engine sip"],
  ["protocol UDP", "ops"],
  ["protocol SCTP"],
];

const block = (head: string, settings: readonly string[], realServer: string, more: readonly string[] = []) => {
  const has = (keyword: string) => settings.some((line) => line.startsWith(keyword));
  const defaults = [
    ["lb_algo", "rr"],
    ["lb_kind", "NAT"],
    ["protocol", "TCP"],
  ].flatMap(([keyword = "", value]) =>
    has(keyword) || (keyword === "protocol" && head.startsWith("fwmark")) ? [] : [`${keyword} ${value}`],
  );
  const lines = [...defaults, ...settings, `real_server ${realServer} {`, "weight 2", ...more, "}"];
  return `virtual_server ${head} {\n${lines.join("\n")}\n}\n`;
};

export const everySetting: string = [
  ...others.map((settings, number) => block(`192.0.2.200 ${8600 + number}`, settings, "198.51.100.24 8080")),
  ...tunnels.map(([kind = "", method = ""], number) =>
    block(`192.0.2.200 ${8700 + number}`, [kind], `192.0.2.24 ${8700 + number}`, [method]),
  ),
  block("192.0.2.200 8800", [], "198.51.100.24 8080", ["uthreshold 100", "lthreshold 50"]),
  block("192.0.2.200 0", ["lb_kind DR", "persistence_timeout 60"], "192.0.2.24 0"),
  block("2001:db8:1::200 8801", ["persistence_timeout 60", "persistence_granularity 64"], "2001:db8:2::24 8080"),
  block("fwmark 20", [], "198.51.100.24 8080"),
  block("fwmark 21", [], "2001:db8:2::24 8080"),
  block("fwmark 22", ["lb_kind TUN", "ip_family inet6"], "192.0.2.24 0"),
].join("");
