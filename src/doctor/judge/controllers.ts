import type { ControllerFacts, Facts, LinkFacts } from "../facts.ts";
import { type Finding, findingsOf } from "../finding.ts";

/** Programs that write the same table and the same addresses. */
export function controllers(_needs: unknown, { controllers, daemon, silentS, links }: Facts): Finding[] {
  const say = findingsOf("controllers");
  if (!controllers.known) return [say.unknown(controllers.why)];
  const left = (links.known ? links.value : []).flatMap((each) => traceOf(each, controllers.value) ?? []);
  const others = controllers.value.filter(({ kind, pid }) => kind !== "lbctl" || pid !== daemon?.pid);
  const here = others.filter(({ sameNamespace }) => sameNamespace !== false);
  const lone = here.length === 1 && here[0]?.kind === "lbctl" && daemon === null ? here[0] : null;
  if (lone !== null && silentS !== null) return [hanging(lone, silentS)];
  if (lone !== null) {
    const why = "It was started with another --run-dir; give it to this command, too";
    return [say.unknown(`lbctl runs here as process ${lone.pid}, and does not answer on the control socket`, why)];
  }
  const found = [...here.map((each) => controllerFinding(each, say, links.known ? links.value : [])), ...left];
  return found.length > 0 ? found : [say.ok("nobody else writes the IPVS table or virtual addresses")];
}

function hanging({ pid, unit, isStopped }: ControllerFacts, silentS: number): Finding {
  const what = `lbctl, process ${pid}, has not answered for ${silentS} s`;
  const why =
    "Nobody reloads, drains, or starts processes again that end; table and addresses are those of its other processes";
  const say = findingsOf("controllers").failure;
  if (isStopped) return say(`${what}: it is stopped`, why, `kill -CONT ${pid}`);
  return say(what, why, unit === null ? `kill -KILL ${pid}` : `systemctl restart ${unit}`);
}

/** Interfaces that only a controller of IPVS makes, which is perhaps in another process namespace, or gone. */
const traces: Readonly<Record<string, ControllerFacts["kind"]>> = {
  "kube-ipvs0": "kube-proxy",
  "kube-dummy-if": "kube-router",
};

function traceOf({ name }: LinkFacts, seen: readonly ControllerFacts[]): Finding | null {
  const kind = traces[name];
  if (kind === undefined || seen.some((each) => each.kind === kind && each.sameNamespace !== false)) return null;
  const why =
    "It takes services out of the IPVS table that it does not know. If it is gone for good, so may be the interface";
  return findingsOf("controllers").warning(
    `${name} is here: ${kind} writes the IPVS table, or did`,
    why,
    `ip link delete ${name}`,
  );
}

function controllerFinding(
  each: ControllerFacts,
  say: ReturnType<typeof findingsOf>,
  links: readonly LinkFacts[],
): Finding {
  const { kind, pid, unit, sameNamespace } = each;
  const fix = unit === null ? `kill ${pid}` : `systemctl disable --now ${unit}`;
  const what = `${kind} runs here as process ${pid}`;
  if (sameNamespace === null)
    return say.unknown(
      `${kind} runs as process ${pid}, perhaps in this network namespace`,
      null,
      `ip netns identify ${pid}`,
    );
  // Its mode is often in a file of its own; with IPVS it has this interface.
  const writesIpvs = each.commandLine.includes("ipvs") || links.some(({ name }) => name === "kube-ipvs0");
  if (kind === "kube-proxy" && !writesIpvs) {
    return say.warning(what, "In its mode ipvs it takes services out of the table that it does not know", null);
  }
  if (kind === "lbctl")
    return say.failure(
      `a second lbctl ${what.slice("lbctl ".length)}`,
      "It waits for the table, or both own the same addresses",
      fix,
    );
  const both = "Both write the IPVS table and virtual addresses, and undo what the other does";
  if (kind === "kube-proxy" || kind === "kube-router") {
    return say.failure(what, `${both}. kubelet starts it again: keep its pods off this node`, null);
  }
  return say.failure(what, both, fix);
}
