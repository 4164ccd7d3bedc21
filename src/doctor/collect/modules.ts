import { existsSync, readFileSync } from "node:fs";
import type { ModuleState } from "../facts.ts";

/** Where a kernel with this release says what modules it has. */
export function moduleStates(names: readonly string[], release: string, root = ""): Record<string, ModuleState> {
  const directory = `${root}/lib/modules/${release}`;
  const loaded = new Set(lines(`${root}/proc/modules`)?.map((line) => line.split(" ")[0] ?? ""));
  const builtIn = moduleNames(lines(`${directory}/modules.builtin`) ?? []);
  const files = lines(`${directory}/modules.dep`);
  const loadable = moduleNames((files ?? []).map((line) => line.split(":")[0] ?? ""));
  const stateOf = (name: string): ModuleState => {
    if (loaded.has(name)) return "loaded";
    if (builtIn.has(name) || existsSync(`${root}/sys/module/${name}`)) return "built-in";
    if (name === "ip_vs" && existsSync(`${root}/proc/net/ip_vs`)) return "built-in";
    if (loadable.has(name)) return "loadable";
    return files === null ? "unknown" : "missing";
  };
  return Object.fromEntries(names.map((name) => [name, stateOf(name)]));
}

/** "kernel/net/netfilter/ipvs/ip_vs_rr.ko.xz" is ip_vs_rr. */
function moduleNames(paths: readonly string[]): ReadonlySet<string> {
  return new Set(paths.map((path) => (path.split("/").at(-1) ?? "").replace(/\.ko(\.\w+)?$/, "").replaceAll("-", "_")));
}

function lines(path: string): string[] | null {
  try {
    return readFileSync(path, "utf8").split("\n");
  } catch {
    return null;
  }
}
