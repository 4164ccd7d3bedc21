/** What may stand behind a keyword, and what people write there that is wrong. The empty text is the keyword alone. */
export interface Samples {
  readonly good: readonly string[];
  readonly bad: readonly string[];
  /** Good here, and wrong for keepalived. */
  readonly goodHere?: readonly string[];
}

const samples = (good: readonly string[], bad: readonly string[], goodHere: readonly string[] = []): Samples => ({
  good,
  bad,
  goodHere,
});
const lines = (...each: string[]) => `{\n    ${each.join("\n    ")}\n  }`;

/** Both ends, something between, and just outside. */
export function numberSamples(least: number, greatest: number): Samples {
  const middle = Math.min(greatest, least + 3);
  const bad = [
    String(least - 1),
    String(greatest + 1),
    "",
    "x",
    `${middle}x`,
    `+${middle}`,
    "1.5",
    "0x10",
    "99999999999999999999",
  ];
  return samples([...new Set([least, middle, greatest])].map(String), bad);
}

const seconds = samples(["1", "30", "3600"], ["", "x", "1 minute", "-1"], ["5s"]);
const timers = samples(["1", "2.5", "30", "3600"], ["", "x", "-1", "1,5"], ["5s", "500ms"]);
const weights = (limit: number): Samples =>
  samples([`${limit}`, `-${limit}`, "0", "+5", "5 reverse"], [`${limit + 1}`, `-${limit + 1}`, "", "x", "5 backwards"]);
const microseconds = samples(["1", "0.5", "2.25"], ["", "x", "-1", "1,5"], ["1s"]);

/** By the name that the keyword table has for the type of the value. */
export const samplesOfType: Readonly<Record<string, Samples>> = {
  flag: samples(["", "on", "off", "true", "false", "yes", "no"], ["maybe", "1"], ["ON"]),
  name: samples(["web", "a-b_c.d"], [""]),
  "[name]": samples(["", "web"], []),
  text: samples(["lb1", '"two words"'], [""]),
  "regular expression": samples(["ready", '"two words"', "'two words'", '"\\\\d+ \\"x\\""'], [""]),
  path: samples(["/tmp"], [""]),
  "[path]": samples(["", "/tmp/file"], []),
  "absolute path": samples(["/tmp/file"], [""]),
  "[absolute path]": samples(["", "/tmp/file"], []),
  host: samples(["www.example.com", "host"], [""]),
  timer: timers,
  "timer, whole seconds": seconds,
  "seconds, to the microsecond": microseconds,
  "milliseconds, to the microsecond": samples(["1000", "1500.5", "2000"], ["", "x", "-1"], ["1s"]),
  address: samples(["192.0.2.77"], ["", "192.0.2", "192.0.2.300", "host.example", "192.0.2.1/24", "2001:db8::g"]),
  interface: samples(["eth0"], [""]),
  port: samples(["1", "80", "65535"], ["", "65536", "-1", "http", "80/tcp"]),
  "script [user [group]]": samples(["/bin/true", '"/bin/true a b"', "/bin/true root", "/bin/true root root"], [""]),
  "[script [user [group]]]": samples(["/bin/true", "/bin/true root root"], []),
  "user [group]": samples(["root", "root root"], ["", "no-such-user"]),
  "path [user [group]]": samples(["/tmp/fifo", "/tmp/fifo root root"], [""]),
  "mail address": samples(["root@example.com"], [""]),
  "lines: mail address": samples([lines("root@example.com", "admin@example.com")], [""]),
  "host [port]": samples(["192.0.2.9", "192.0.2.9 26", "2001:db8::25"], ["", "192.0.2.9 0x19", "192.0.2.9 65536"]),
  "numbers of processors": samples(["0", "0 1"], ["", "x", "-1"]),
  "number or names of bits": samples(["0022", "18", "0x12", "IRUSR"], ["", "x", "0999"]),
  "MTU | ADVERT | octets": samples(["MTU", "ADVERT", "4096"], ["", "x"]),
  "[VS]": samples(["", "VS"], ["RS"]),
  "[tcp seconds] [tcpfin seconds] [udp seconds]": samples(
    ["tcp 900", "tcpfin 120 udp 300", "tcp 1 tcpfin 2 udp 3"],
    ["", "tcp", "tcp x", "sctp 3"],
  ),
  "interface [[inst] instance] [id 0-255] [maxlen bytes] [port port] [ttl 1-255] [group address]": samples(
    ["eth0", "eth0 id 7", "eth0 id 255 maxlen 1400 port 8848 ttl 3 group 224.0.0.81"],
    ["", "eth0 id 256", "eth0 id", "eth0 port 65536", "eth0 ttl 256", "eth0 group 192.0.2.1"],
  ),
  "[all] seconds 1-86400": samples(["1", "86400", "all 5"], ["", "x", "86401", "all"]),
  "[all] seconds 0-86400": samples(["0", "86400", "all 5"], ["", "x", "86401", "all"]),
  "[allow_if_changes]": samples(["", "allow_if_changes"], ["always"]),
  "[chain of input [chain of output]]": samples(["", "INPUT", "INPUT OUTPUT"], []),
  "[set [set6 [set_if6 [set_igmp [set_mld]]]]]": samples(["", "a", "a b c"], []),
  "inet | inet6": samples(["inet"], ["", "ipv4"]),
  "TCP | UDP | SCTP": samples(["TCP", "UDP", "SCTP", "tcp"], ["", "ICMP", "6"]),
  "NAT | DR | TUN [type ...]": samples(
    [
      "NAT",
      "DR",
      "TUN",
      "TUN type ipip",
      "TUN type gue port 6080",
      "TUN type gre csum",
      "TUN type gue port 6080 remcsum",
    ],
    ["", "nat", "DNAT", "TUN type", "TUN type vxlan", "TUN type gue", "TUN type gue port", "TUN type gue port 70000"],
  ),
  "netmask or prefix length": samples(
    ["255.255.255.0", "255.255.255.255"],
    ["", "255.0.255.0", "255.255.255.256", "x"],
  ),
  "[integer 1-254]": samples(["", "1", "254"], ["0", "255", "x"]),
  sip: samples(["sip"], ["", "rtp"]),
  "address [port]": samples(["10.0.0.9 80", "10.0.0.9"], ["", "10.0.0.9 65536", "10.0.0.9:80", "host 80"]),
  "1.0 | 1.0C | 1.1": samples(["1.0", "1.0C", "1.0c", "1.1"], ["", "2", "1.2", "HTTP/1.1"]),
  "hex digits": samples(
    ["9b3a0c85a887a256d6939da88aabd8cd"],
    ["", "9b3a", "9b3a0c85a887a256d6939da88aabd8cg"],
    ["a9993e364706816aba3e25717850c26c9cd0d89d"],
  ),
  "status codes": samples(["200", "200-299", "200 301-302 404", "100-599"], ["", "99", "600", "299-200", "ok", "2xx"]),
  "octets octets": samples(["1024 65536"], ["", "1024", "x y", "65536 1024"]),
  "hex octets": samples(["00ff", "00 ff 1a"], ["", "0g", "0"]),
  "[hex octets, x for any digit]": samples(["", "00ff", "0x ff xx"], ["0g", "0"]),
  "[never]": samples(["", "never"], ["always"]),
  "[interface] [MAC address]": samples(["", "vrrp.51", "vrrp.51 02:00:00:00:00:01"], ["averyveryverylonginterface"]),
  "[interface] [address] [bridge | private | vepa]": samples(
    ["", "ipvl0", "ipvl0 192.0.2.78", "ipvl0 bridge"],
    ["ipvl0 192.0.2.300", "ipvl0 hub"],
  ),
  "lines: address [min_ttl 0-255] [max_ttl 0-255]": samples(
    [lines("192.0.2.2"), lines("192.0.2.2 min_ttl 254 max_ttl 255", "192.0.2.3")],
    [lines("192.0.2.300"), lines("192.0.2.2 min_ttl 256"), lines("192.0.2.2 min_ttl"), lines("192.0.2.2 ttl 3")],
  ),
  "id key": samples([`1 ${"k".repeat(32)}`, `2 hex:${"0a".repeat(32)}`], ["", "x y", "1 secret", "1"]),
  words: samples(["nginx", "nginx -g daemon"], [""]),
  "[number] [overwrite]": samples(["", "5", "overwrite", "5 overwrite", "overwrite 5"], ["x", "5 6"]),
  "[+ | -][readable | match | wildcard_match | brace_match] ...": samples(
    ["", "readable", "+match", "+wildcard_match -brace_match"],
    ["all", "+writable"],
  ),
  "lines: interface [MII | ETHTOOL | IOCTL]": samples(
    [lines("eth0"), lines("eth0 MII", "eth1 ETHTOOL")],
    [lines("eth0 mii")],
  ),
  "lines: interface down_delay [up_delay]": samples(
    [lines("eth0 1"), lines("eth0 1 2.5", "eth1 0.5")],
    [lines("eth0"), lines("eth0 x"), lines("eth0 1 256")],
  ),
  "lines: address[/length] [dev ...] [scope ...] [label ...] ...": samples(
    [
      lines("192.0.2.1"),
      lines("192.0.2.1/24 dev eth1", "192.0.2.2/32 brd 192.0.2.255 dev eth0 scope global"),
      lines("192.0.2.1/24 brd + dev eth0 label eth0:1"),
      lines("192.0.2.1/24 brd - dev eth0 preferred_lft 0"),
      lines("192.0.2.1/32 peer 192.0.2.99 dev eth0"),
      lines("192.0.2.1/24 dev eth0 scope link"),
      lines("192.0.2.1/24 dev eth0 scope 23"),
    ],
    [
      lines("192.0.2.300"),
      lines("192.0.2.1/33"),
      lines("192.0.2.1/24 dev"),
      lines("192.0.2.1/24 scope galaxy"),
      lines("192.0.2.1/24 color red"),
      lines("192.0.2.1/255.255.255.0"),
      lines("192.0.2.1 peer 192.0.2.99/32 dev eth0"),
    ],
  ),
  "lines: [src address] [to] network [via address] [dev ...] ... [nexthop ...]": samples(
    [
      lines("10.1.0.0/16 via 192.0.2.254 dev eth0"),
      lines("src 192.0.2.77 to 10.1.0.0/16 via 192.0.2.254 dev eth0 scope global table 100 metric 5"),
      lines("10.2.0.0/16 via 192.0.2.254 or 192.0.2.253 dev eth0"),
      lines("blackhole 10.3.0.0/16"),
      lines("unreachable 10.3.0.0/16", "prohibit 10.4.0.0/16", "throw 10.5.0.0/16"),
      lines("default via 192.0.2.254 dev eth0"),
      lines("10.6.0.0/16 nexthop via 192.0.2.254 weight 2 nexthop via 192.0.2.253 dev eth0 weight 1"),
      lines("10.7.0.0/16 via 192.0.2.254 dev eth0 mtu 1400 advmss lock 1360 proto static"),
      lines("10.8.0.0/16 dev eth0 onlink"),
      lines("10.9.0.0/16 via inet6 fe80::1 dev eth0"),
      lines("10.10.0.0/16 encap mpls 100 via 192.0.2.254 dev eth0"),
    ],
    [
      lines("10.1.0.0/33 via 192.0.2.254"),
      lines("10.1.0.0/16 via 192.0.2.300"),
      lines("10.1.0.0/16 via"),
      lines("10.1.0.0/16 via 192.0.2.254 metric x"),
      lines("10.1.0.0/16 via 192.0.2.254 color red"),
      lines("via 192.0.2.254"),
    ],
  ),
  "lines: [from network] [to network] [table ...] [iif ...] [fwmark ...] ...": samples(
    [
      lines("from 10.1.0.0/16 table 100"),
      lines("from 10.1.0.0/16 to 10.2.0.0/16 table main priority 100"),
      lines("to 10.2.0.0/16 lookup 100 iif eth0 fwmark 0x5 tos 0x10"),
      lines("from 10.1.0.0/16 blackhole"),
      lines("iif eth0 oif eth1 table 100"),
    ],
    [
      lines("from 10.1.0.0/33 table 100"),
      lines("from 10.1.0.0/16 table"),
      lines("from 10.1.0.0/16 table 100 priority x"),
      lines("from 10.1.0.0/16 table 100 color red"),
    ],
  ),
  "weight -253..253 [reverse]": weights(253),
  "weight -254..254 [reverse]": weights(254),
  "weight -2147483647..2147483647 [reverse]": weights(2_147_483_647),
};

const tracks = (...names: string[]): Samples =>
  samples(
    names.flatMap((name) => [lines(name), lines(`${name} weight 10`), lines(`${name} weight -10 reverse`)]),
    [lines(`${names[0]} weight`), lines(`${names[0]} weight 255`), lines(`${names[0]} weigth 3`)],
  );

/** Where the type does not say enough, by "block keyword" or by the keyword wherever it stands. */
export const samplesOfKeyword: Readonly<Record<string, Samples>> = {
  track_interface: tracks("eth1"),
  track_script: tracks("chk"),
  track_file: tracks("number"),
  track_process: tracks("web"),
  track_bfd: tracks("peer"),
  snmp_vs_stats_update_interval: samples(["0.5", "30"], ["", "x"]),
  snmp_rs_stats_update_interval: samples(["0.5", "30"], ["", "x"]),
  checker_log_all_failures: samples(["", "on", "off"], ["maybe", "1"], ["ON"]),
  time_window: numberSamples(1, 300),
  group: samples([lines("VI_1", "VI_2"), lines("VI_1 VI_2")], [lines("VI_3")]),
  interfaces: samples([lines("eth0", "eth1"), lines("eth0 eth1")], []),
  members: samples(
    [
      "192.0.2.10 80",
      "192.0.2.10-19 80",
      "192.0.2.10-192.0.2.19 80",
      "192.0.2.0/28 80",
      "fwmark 5",
      "2001:db8::1-ff 80",
      "192.0.2.10 80\n  192.0.2.11 81",
    ],
    [
      "192.0.2.300 80",
      "192.0.2.19-10 80",
      "192.0.2.10 65536",
      "192.0.2.0/33 80",
      "fwmark",
      "fwmark x",
      "192.0.2.10 80 TCP",
    ],
  ),
  mcast_dst_ip: samples(["224.0.0.18", "239.1.2.3"], ["", "192.0.2.1", "224.0.0"]),
  "global_defs vrrp_mcast_group4": samples(["224.0.0.18", "239.1.2.3"], ["", "192.0.2.1", "224.0.0", "ff02::12"]),
  "global_defs vrrp_mcast_group6": samples(["ff02::12"], ["", "2001:db8::1", "224.0.0.18"]),
};

/** What to try for a keyword: its own samples, those of its type, or those that follow from the name of the type. */
export function samplesFor(block: string, keyword: string, typeName: string): Samples {
  const own = samplesOfKeyword[`${block} ${keyword}`] ?? samplesOfKeyword[keyword] ?? samplesOfType[typeName];
  if (own !== undefined) return own;
  // In brackets: with or without a value.
  const optional = /^\[(.*)\]$/.exec(typeName)?.[1];
  if (optional !== undefined) {
    const { good, bad } = samplesFor(block, keyword, optional);
    return samples(
      ["", ...good],
      bad.filter((value) => value !== ""),
    );
  }
  const range = /^integer (-?\d+)(?:-|\.\.)(-?\d+)$/.exec(typeName);
  if (range !== null) return numberSamples(Number(range[1]), Number(range[2]));
  const members = typeName.replace(/^some of /, "").split(/ \| |, /);
  if (members.length < 2) throw new Error(`nothing is known to try for ${block} ${keyword}: ${typeName}`);
  return samples(members, ["", "nonsense"]);
}
