import { back } from "../topology.ts";
import { everySetting } from "./settings.ts";
import { note } from "./two-directors.ts";

/** What happens to the real servers r1 and r2, one after the other. r3 is the sorry server, and always well. */
export const stages = [
  "start, r2 is dead",
  "r2 comes",
  "r1 dies",
  "r2 dies, too",
  "r1 returns",
  "r2 returns",
  "reload with r1 twice as heavy",
  "stop",
] as const;
export type Stage = (typeof stages)[number];

/** A virtual server with two real servers. */
export interface Rule {
  readonly name: string;
  /** What stands behind virtual_server; a port of its own is added if it is left out. */
  readonly as?: string;
  readonly settings: readonly string[];
  readonly weights?: readonly [number, number];
  /**
   * For each stage the destinations with their weights, and what is told: "r1=3 r2=0 | r2- vs-" has r1 with weight 3 and r2 with
   * weight 0 in the table, and r2 was said to be down, then the virtual server.
   */
  readonly expected: readonly string[];
  /** By number of the stage: what lbctl tells where it tells more, on purpose ("quorum-told-at-start"). */
  readonly lbctlTells?: Readonly<Record<number, string>>;
}

const sorry = `sorry_server ${back("r3").v4} 80`;

const alone = ["r1=1 | vs+ r2-", "r1=1 r2=1 | r2+", "r2=1 | r1-", "| r2- vs-", "r1=1 | r1+ vs+", "r1=1 r2=1 | r2+"];
const replaced = alone.with(3, "r3=1 | r2- vs-");
const bothNeeded = [
  "r3=1 | vs+ r2- vs-",
  "r1=1 r2=1 | r2+ vs+",
  "r3=1 | r1- vs-",
  "r3=1 | r2-",
  "r3=1 | r1+",
  "r1=1 r2=1 | r2+ vs+",
];
const afterReload = ["r1=2 r2=1 |", "|"];

export const rules: readonly Rule[] = [
  { name: "nothing", settings: [], expected: [...alone, ...afterReload] },
  {
    name: "omega",
    settings: ["omega"],
    expected: [...alone, "r1=2 r2=1 |", "| r1- r2- vs-"],
  },
  {
    name: "alpha",
    settings: ["alpha"],
    expected: [...alone.with(0, "r1=1 | r1+ vs+ r2-"), ...afterReload],
    lbctlTells: { 0: "vs- r1+ vs+ r2-" },
  },
  {
    name: "alpha with a sorry server",
    settings: ["alpha", sorry],
    expected: [...replaced.with(0, "r1=1 | vs- r1+ vs+ r2-"), ...afterReload],
  },
  {
    name: "inhibit_on_failure",
    settings: ["inhibit_on_failure"],
    weights: [3, 2],
    expected: [
      "r1=3 r2=0 | vs+ r2-",
      "r1=3 r2=2 | r2+",
      "r1=0 r2=2 | r1-",
      "r1=0 r2=0 | r2- vs-",
      "r1=3 r2=0 | r1+ vs+",
      "r1=3 r2=2 | r2+",
      "r1=6 r2=2 |",
      "|",
    ],
  },
  {
    name: "a quorum without a sorry server",
    settings: ["quorum 2"],
    expected: [
      "r1=1 | vs+ r2- vs-",
      "r1=1 r2=1 | r2+ vs+",
      "r2=1 | r1- vs-",
      "| r2-",
      "r1=1 | r1+",
      "r1=1 r2=1 | r2+ vs+",
      ...afterReload,
    ],
  },
  { name: "sorry_server", settings: [sorry], expected: [...replaced, ...afterReload] },
  { name: "a quorum of both", settings: ["quorum 2", sorry], expected: [...bothNeeded, ...afterReload] },
  {
    name: "a quorum of weights: the lighter one is enough, the heavier one is not missed",
    settings: ["quorum 4", sorry],
    weights: [3, 4],
    expected: [
      "r3=1 | vs+ r2- vs-",
      "r1=3 r2=4 | r2+ vs+",
      "r2=4 | r1-",
      "r3=1 | r2- vs-",
      "r3=1 | r1+",
      "r1=3 r2=4 | r2+ vs+",
      "r1=6 r2=4 |",
      "|",
    ],
  },
  {
    name: "hysteresis: gained at 3, lost below 1",
    settings: ["quorum 2", "hysteresis 1", sorry],
    weights: [2, 2],
    expected: [
      "r1=2 | vs+ r2-",
      "r1=2 r2=2 | r2+",
      "r2=2 | r1-",
      "r3=1 | r2- vs-",
      "r3=1 | r1+",
      "r1=2 r2=2 | r2+ vs+",
      "r1=4 r2=2 |",
      "|",
    ],
  },
  {
    name: "hysteresis that is out of reach until a reload",
    settings: ["quorum 4", "hysteresis 2"],
    weights: [3, 2],
    expected: [
      "r1=3 | r2-",
      "r1=3 r2=2 | r2+",
      "r2=2 | r1-",
      "| r2-",
      "r1=3 | r1+",
      "r1=3 r2=2 | r2+",
      "r1=6 r2=2 | vs+",
      "|",
    ],
    lbctlTells: { 0: "vs- r2-" },
  },
  {
    name: "sorry_server_inhibit and inhibit_on_failure: nobody ever leaves",
    settings: ["quorum 2", sorry, "sorry_server_inhibit", "inhibit_on_failure"],
    expected: [
      "r1=0 r2=0 r3=1 | vs+ r2- vs-",
      "r1=1 r2=1 r3=0 | r2+ vs+",
      "r1=0 r2=0 r3=1 | r1- vs-",
      "r1=0 r2=0 r3=1 | r2-",
      "r1=0 r2=0 r3=1 | r1+",
      "r1=1 r2=1 r3=0 | r2+ vs+",
      "r1=2 r2=1 r3=0 |",
      "|",
    ],
  },
  {
    name: "sorry_server_lvs_method",
    settings: [sorry, "sorry_server_lvs_method TUN type ipip"],
    expected: [...alone.with(3, "r3=1-i | r2- vs-"), ...afterReload],
  },
  {
    name: "a sorry server that is a real server",
    settings: ["quorum 2", `sorry_server ${back("r1").v4} 80`],
    expected: [...bothNeeded.map((stage) => stage.replace("r3=1", "r1=1")), ...afterReload],
  },
  {
    name: "a sorry server that is a real server, with inhibit_on_failure",
    settings: ["quorum 2", `sorry_server ${back("r1").v4} 80`, "inhibit_on_failure"],
    expected: [...bothNeeded.map((stage) => stage.replace("r3=1", "r1=1 r2=0")), ...afterReload],
  },
  {
    name: "weight 0 counts nothing",
    settings: [sorry],
    weights: [0, 1],
    expected: [
      "r3=1 | vs+ r2- vs-",
      "r1=0 r2=1 | r2+ vs+",
      "r2=1 | r1-",
      "r3=1 | r2- vs-",
      "r3=1 | r1+",
      "r1=0 r2=1 | r2+ vs+",
      "r1=0 r2=1 |",
      "|",
    ],
  },
  {
    name: "direct routing",
    settings: ["lb_kind DR", sorry],
    expected: [...replaced, ...afterReload].map((stage) => stage.replaceAll(/(r\d=\d)/g, "$1-g")),
  },
  { name: "a mark", as: "fwmark 7", settings: [sorry], expected: [...replaced, ...afterReload] },
  { name: "a group", as: "group web", settings: ["quorum 2", sorry], expected: [...bothNeeded, ...afterReload] },
];

export const group = `virtual_server_group web {
  192.0.2.200 8200
  192.0.2.201-202 8200
  fwmark 8
}
`;

/** The services that `ipvsadm -Sn` shows for the rule with this number. */
export function servicesOf({ as }: Rule, number: number): readonly string[] {
  if (as === "fwmark 7") return ["-f 7"];
  if (as === "group web") return ["-f 8", ...[200, 201, 202].map((host) => `-t 192.0.2.${host}:8200`)];
  return [`-t 192.0.2.200:${8000 + number}`];
}

/** Its name in what is told. */
export function nameOf({ as }: Rule, number: number): string {
  if (as === "fwmark 7") return "FWM 7";
  return as === "group web" ? "[web]:0" : `[192.0.2.200]:tcp:${8000 + number}`;
}

/** All rules, and every setting, as virtual servers of a keepalived.conf; `heavier` is the file of the reload. */
export function configuration(options: { readonly heavier: boolean }): string {
  return group + everySetting + rules.map((rule, number) => virtualServer(rule, number, options.heavier)).join("");
}

function virtualServer(rule: Rule, number: number, heavier: boolean): string {
  const { as = `192.0.2.200 ${8000 + number}`, settings, weights = [1, 1] } = rule;
  const method = settings.some((line) => line.startsWith("lb_kind")) ? [] : ["lb_kind NAT"];
  const lines = [
    ...["delay_loop 0.5", "retry 1", "delay_before_retry 0.4", "connect_timeout 5", "warmup 0"],
    ...["lb_algo rr", ...method, "protocol TCP"],
    `quorum_up ${note(String(number), "vs+")}`,
    `quorum_down ${note(String(number), "vs-")}`,
    ...settings,
    ...realServer("r1", number, weights[0] * (heavier ? 2 : 1)),
    ...realServer("r2", number, weights[1]),
  ];
  return `virtual_server ${as} {\n${lines.map((line) => `  ${line}\n`).join("")}}\n`;
}

function realServer(name: "r1" | "r2", number: number, weight: number): readonly string[] {
  return [
    `real_server ${back(name).v4} 80 {`,
    `  weight ${weight}`,
    `  notify_up ${note(String(number), `${name}+`)}`,
    `  notify_down ${note(String(number), `${name}-`)}`,
    "  TCP_CHECK {",
    "  }",
    "}",
  ];
}
