import type { OnProbeResults, ProbeEngine } from "./engine.ts";
import type { NativeConnect } from "./engine-node/connect.ts";
import { NodeProbeEngine } from "./engine-node/engine.ts";
import { connectNatively } from "./engine-node/native-connect.ts";
import { defaultLimits, type ResponseLimits } from "./http/parser.ts";

export interface ProbeEngineOptions {
  /** How sockets with bind_if or fwmark are connected; by default through ipvs-netlink's addon. */
  readonly nativeConnect?: NativeConnect;
  readonly limits?: ResponseLimits;
}

/** An engine for every type of check. Results come in batches through `onResults`. */
export function createProbeEngine(onResults: OnProbeResults, options: ProbeEngineOptions = {}): ProbeEngine {
  const { nativeConnect = connectNatively, limits = defaultLimits } = options;
  return new NodeProbeEngine(onResults, { nativeConnect, limits });
}
