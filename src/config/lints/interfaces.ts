import type { Problem } from "../expand/problem.ts";
import { nearest } from "../suggest.ts";
import { instancesOf } from "./instances.ts";
import type { LintContext } from "./lint.ts";

/** How many names a hint lists. */
const mostNamed = 6;

/** Interfaces that this host does not have, where nothing says that they come later. */
export function* interfaces({ config, host }: LintContext): Iterable<Problem> {
  const present = host?.interfaces ?? null;
  const elsewhere = config.net_namespace !== undefined;
  if (present === null || elsewhere || config.global_defs?.dynamic_interfaces !== undefined) return;
  const instances = instancesOf(config);
  const made = new Set(
    instances.flatMap(({ written }) => [written.use_vmac?.interface, written.use_ipvlan?.interface]),
  );
  const isMissing = (name: string) => !present.includes(name) && !made.has(name);
  const hint = (name: string) => {
    const meant = nearest(name, present);
    if (meant !== null) return `did you mean "${meant}"?`;
    const others = present.filter((each) => each !== "lo");
    const more = others.length > mostNamed ? ", ..." : "";
    return `it has ${others.slice(0, mostNamed).join(", ") || "none"}${more}; write dynamic_interfaces if it comes later`;
  };
  for (const { written, path } of instances) {
    const { interface: link, track_interface: tracked = [] } = written;
    if (link !== undefined && isMissing(link)) {
      yield {
        path: [...path, "interface"],
        code: "interface-missing",
        message: `this host has no interface ${link}: the instance stays in FAULT until it is there`,
        hint: hint(link),
      };
    }
    for (const [word, { name, weight }] of tracked.entries()) {
      if (!isMissing(name)) continue;
      yield {
        path: [...path, "track_interface"],
        word,
        code: "interface-missing",
        message: `this host has no interface ${name}: it counts as down${weight === null || weight === 0 ? ", and the instance stays in FAULT" : ""}`,
        hint: hint(name),
      };
    }
  }
}
