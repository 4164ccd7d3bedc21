import type { Diagnostic } from "../../diagnostics.ts";
import { noContext, parseConfig } from "../../parse-config.ts";
import type { HostFacts } from "../host-facts.ts";
import { lintCodes } from "../lint-codes.ts";

/** What lints say of a YAML text: code and line of each, in the order of the text. */
export function lintsOf(yaml: string, host: HostFacts | null = null): string[] {
  return lintDiagnosticsOf(yaml, host).map(({ code, line }) => `${code} ${line}`);
}

/** What lints say of a YAML text, in full. */
export function lintDiagnosticsOf(yaml: string, host: HostFacts | null = null): Diagnostic[] {
  const result = parseConfig(yaml, "lb.yaml", noContext, host);
  const diagnostics = result.ok ? result.warnings : result.diagnostics;
  const wrong = diagnostics.find(({ severity, code }) => severity === "error" && code !== "unsupported-keyword");
  if (wrong !== undefined) throw new Error(`the text of the test is wrong in line ${wrong.line}: ${wrong.message}`);
  return diagnostics.filter(({ code }) => Object.hasOwn(lintCodes, code));
}

/** A VRRP instance that no lint has anything to say of, with further settings in flow style. */
export function instance(settings: string, name = "VI_1", vrid = 51): string {
  const own = settings === "" ? "" : `, ${settings}`;
  const priority = /(?:^|[ ,])priority:/.test(settings) ? "" : "priority: 101, ";
  const addresses = /virtual_ipaddress:/.test(settings) ? "" : "no_virtual_ipaddress: true, ";
  return `  - {name: ${name}, ${priority}${addresses}interface: eth0, virtual_router_id: ${vrid}${own}}\n`;
}
