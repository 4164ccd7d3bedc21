import type { Facts } from "../facts.ts";
import { type Finding, findingsOf } from "../finding.ts";
import type { Needs } from "../needs.ts";

/** Modules that the configuration needs. The kernel loads schedulers and its like by itself, and lbctl what an older one does not, IPVS. */
export function modules(needs: Needs, { modules, kernelRelease }: Facts): Finding[] {
  const say = findingsOf("modules");
  const wanted = Object.entries(needs.modules);
  if (wanted.length === 0) return [say.ok("no kernel module is needed")];
  return wanted.map(([name, purpose]) => {
    const state = modules[name] ?? "unknown";
    const what = `${name} (${purpose})`;
    if (state === "unknown") {
      return say.unknown(
        `${what}: there is no /lib/modules/${kernelRelease} that says whether it is there`,
        null,
        `modprobe ${name}`,
      );
    }
    if (state === "missing") {
      return say.failure(
        `${what} is not in this kernel, ${kernelRelease}`,
        "What needs it is refused; lbctl goes on with the rest",
      );
    }
    return say.ok(state === "loadable" ? `${what} is there, and loaded when it is needed` : `${what} is ${state}`);
  });
}
