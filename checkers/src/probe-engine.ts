import type { OnProbeResults, ProbeEngine } from "./engine.ts";
import type { NativeConnect } from "./engine-node/connect.ts";
import { NodeProbeEngine } from "./engine-node/engine.ts";
import { connectNatively } from "./engine-node/native-connect.ts";
import { defaultLimits, type ResponseLimits } from "./http/parser.ts";
import { type RunScript, runsNoScripts } from "./misc/judge-script.ts";

export interface ProbeEngineOptions {
  /** How sockets with bind_if or fwmark are connected; by default through ipvs-netlink's addon. */
  readonly nativeConnect?: NativeConnect;
  readonly limits?: ResponseLimits;
  /** Runs the scripts of MISC_CHECK; without it they fail. */
  readonly runScript?: RunScript;
}

/** An engine for every type of check. Results come in batches through `onResults`. */
export function createProbeEngine(onResults: OnProbeResults, options: ProbeEngineOptions = {}): ProbeEngine {
  const { nativeConnect = connectNatively, limits = defaultLimits, runScript = runsNoScripts } = options;
  return new NodeProbeEngine(onResults, { nativeConnect, limits, runScript });
}
