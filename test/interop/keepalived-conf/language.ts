// biome-ignore-all lint/suspicious/noTemplateCurlyInString: parameters of keepalived.conf look like this
/** Files that texts of the language include. */
export const includable: Readonly<Record<string, string>> = {
  "delay.inc": "delay_loop 3\n",
  "retry.inc": "retry 2\n",
  "wrong.inc": "no_such_keyword 3\n",
  "opens.inc": "virtual_server 192.0.2.99 80 {\n",
};

const server = (inside: string, before = "", servers = "") => `${before}
virtual_server 192.0.2.10 80 {
  protocol TCP
  lb_algo rr
  lb_kind NAT
  ${inside}
  real_server 10.0.0.99 80 {
    weight 1
    TCP_CHECK {
    }
  }
  ${servers}
}
`;

const quoted = [
  ...["plain", '"two words"', "'one'", '"a"b', 'a"b"', '"a" "b"', '"a""b"', '"a\\"b"', "a\\ b", "a\\#b", '"a#b"'],
  ...[
    "a#b",
    '"a!b"',
    "a!b",
    '\\"a',
    '"open',
    'open"',
    '""',
    '"a\\tb"',
    '"\\x41"',
    '"\\101"',
    '"a\\\\b"',
    '"a\\',
    "{a}",
  ],
];
const joined = ["delay_loop \\\n 3", "delay_\\\nloop 3", "delay_loop 3 \\\n\n retry 2", "delay_loop \\\n # no\n 3"];
const numbers = ["03", "0x3", "+3", "-3", "3.5", "3,5", "1e1", " 3", '"3"', '"3 "', "3;", "=3"];

const sequences = [
  ...["(N, 11, 13)", "(N,11,13)", "( N , 11 , 13 )", "(N, 13, 11)", "(N, 11, 17, 3)", "(N, 17, 11, -3)", "(N, 11, 11)"],
  ...[
    "(N, 11)",
    "(N)",
    "()",
    "(N, 11, 13, 0)",
    "(N, a, b)",
    "(N, 11, 13",
    "N, 11, 13)",
    "(N, 11, 13, 1, 1)",
    "(9, 1, 2)",
  ],
  ...["(N, 17, 11, 3)", "(N, 11, 17, -3)", "(N, 0x11, 0x13)", "(N, -1, 1)"],
];
const lists = [
  ...["(N, 11, 12, 13)", "(N, 11)", "(N)", "(N, )", "(N, 11,, 12)", "({N}, {11}, {12})", "({N, M}, {11, 1}, {12, 2})"],
  ...["({N, M}, {11}, {12, 2})", "({N, M}, {11, 1, 2})", "({N, M}, 11, 12)", "({N M}, {11 1})", "(N, 11, 12"],
];
const line = (turn: string) => `${turn} real_server 10.0.0.\${N} 80 { weight 1 TCP_CHECK { retry 2 } }`;

const conditions = ["@high", "@low", "@^high", "@^low", "@", "@^", "@ high", "@high@low", "@hig*", "@HIGH"];

const parameters = [
  ...["$P=3", "$P = 3", "$P=", "$P", "$P=3 # c", '$P="3"', "$P=$Q\n$Q=3", "$Q=3\n$P=$Q", "$Q=3\n$P=${Q}", "$P=3\n$P=4"],
  ...["$P=\\\n3", "$P= \\\n 3", "$1=3\n$P=3", "$P-Q=3\n$P=3", "${P}=3", "$p=4\n$P=3", "$_P=3\n$P=${_P}", "$P=${P}"],
];

const includes = [
  ...["delay.inc", "delay.in?", "*.none", "none.inc", "{delay,retry}.inc", "{delay,none}.inc", "{delay,r*}.inc"],
  ...["[dr]e*.inc", "wrong.inc", "opens.inc", ".", "", '"delay.inc"', "delay.inc retry.inc", "$FILE.inc"],
];
const kinds = ["include", "includer", "includem", "includew", "includeb", "includea"];

const more = (start: string) => server("", "", `${start} real_server 10.0.0.12 80 { `.concat("}"));

/** What people write, one thing at a time. */
const single: Readonly<Record<string, string>> = {
  "nothing special": server(""),
  "a brace on the next line": server("").replace("80 {", "80\n{"),
  "several braces on a line": more("quorum 1\n"),
  "a setting twice": server("lb_algo wrr\n lvs_sched lc\n delay_loop 3\n delay_loop 4"),
  "global_defs twice": server("", "global_defs { router_id a\n }\nglobal_defs { router_id b\n }"),
  "a comment that ends with a backslash": server(" # a \\\n delay_loop 3"),
  "an interval of none": server("", "global_defs {\n vrrp_garp_interval 0\n vrrp_gna_interval 0\n}"),
  "a lone backslash": server(" \\\n delay_loop 3"),
  comments: server("delay_loop 3 # a\n quorum 1 ! b\n # c\n ! d"),
  "a line that ends with a backslash": server("delay_loop 3 \\"),
  "an unknown word": server("delay_lopo 3"),
  "a keyword of another block": server("connect_port 80"),
  "a brace that is missing": server("").replace("    }\n", ""),
  "a brace too many": `${server("")}}\n`,
  "a word too many": server("delay_loop 3 seconds"),
  "a word behind the port": server("").replace("80 {", "80 tcp {"),
  "lines behind a parameter of several lines": server("$MORE x", "$MORE= \\\n delay_loop 3 \\\n quorum 1"),
  "a parameter of several lines": server("$MORE", "$MORE= \\\n delay_loop 3 \\\n quorum 1"),
  include_check: server("include none-*.inc", "global_defs {\n include_check\n}"),
};

/** Texts that are about the language, by what is special about them; keepalived 2.2.7 has all of it. */
export function languageTexts(): Readonly<Record<string, string>> {
  const named = (what: string, values: readonly string[], text: (value: string) => string) =>
    values.map((value) => [`${what}: ${value}`, text(value)] as const);
  return Object.fromEntries([
    ...Object.entries(single),
    ...named("a text", quoted, (value) => server("", `global_defs {\n router_id ${value}\n}`)),
    ...named("lines that go on", joined, (value) => server(value)),
    ...named("a number", numbers, (value) => server(`delay_loop ${value}`)),
    ...named("a sequence", sequences, (turn) => server("", "", line(`~SEQ${turn}`))),
    ...named("a sequence of hex digits", sequences, (turn) =>
      server("", "", line(`~SEQx${turn}`).replace("10.0.0.", "::")),
    ),
    ...named("a list", lists, (turn) => server("", "", line(`~LST${turn}`))),
    ...named("sequences within each other", ["~SEQ", "~LST"], (kind) =>
      server("", "", line(`${kind}(M, 1, 2) ~SEQ(N, 11, 12)`).replace("10.0.0.", "10.0.${M}.")),
    ),
    ...named("a condition", conditions, (condition) => server(`${condition} delay_loop 3\n ${condition} no_such_word`)),
    ...named("a condition at a block", conditions, (condition) =>
      server("", "", line(condition).replace("${N}", "11")),
    ),
    ...named("a parameter", parameters, (definition) => server("delay_loop $P", definition)),
    ...named("a parameter in braces", parameters, (definition) => server("delay_loop ${P}", definition)),
    ...kinds.flatMap((kind) =>
      named(`${kind}, in a block`, includes, (pattern) => server(`${kind} ${pattern}`, "$FILE=delay")),
    ),
  ]);
}
