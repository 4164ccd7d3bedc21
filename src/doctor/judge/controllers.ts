import type { ControllerFacts, Facts } from "../facts.ts";
import { type Finding, findingsOf } from "../finding.ts";

/** Programs that write the same table and the same addresses. */
export function controllers(_needs: unknown, { controllers, daemon }: Facts): Finding[] {
  const say = findingsOf("controllers");
  if (!controllers.known) return [say.unknown(controllers.why)];
  const others = controllers.value.filter(({ kind, pid }) => kind !== "lbctl" || pid !== daemon?.pid);
  const here = others.filter(({ sameNamespace }) => sameNamespace !== false);
  const lone = here.length === 1 && here[0]?.kind === "lbctl" && daemon === null ? here[0] : null;
  if (lone !== null) {
    const why = "It was started with another --run-dir; give it to this command, too";
    return [say.unknown(`lbctl runs here as process ${lone.pid}, and does not answer on the control socket`, why)];
  }
  if (here.length === 0) return [say.ok("nobody else writes the IPVS table or virtual addresses")];
  return here.map((each) => controllerFinding(each, say));
}

function controllerFinding(each: ControllerFacts, say: ReturnType<typeof findingsOf>): Finding {
  const { kind, pid, unit, sameNamespace } = each;
  const fix = unit === null ? `kill ${pid}` : `systemctl disable --now ${unit}`;
  const what = `${kind} runs here as process ${pid}`;
  if (sameNamespace === null)
    return say.unknown(
      `${kind} runs as process ${pid}, perhaps in this network namespace`,
      null,
      `ip netns identify ${pid}`,
    );
  if (kind === "kube-proxy" && !each.commandLine.includes("ipvs")) {
    return say.warning(what, "In its mode ipvs it takes services out of the table that it does not know", null);
  }
  if (kind === "lbctl")
    return say.failure(
      `a second lbctl ${what.slice("lbctl ".length)}`,
      "It waits for the table, or both own the same addresses",
      fix,
    );
  return say.failure(what, "Both write the IPVS table and virtual addresses, and undo what the other does", fix);
}
