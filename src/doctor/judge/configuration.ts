import type { Diagnostic } from "../../config/diagnostics.ts";
import type { Facts } from "../facts.ts";
import { type Finding, findingsOf } from "../finding.ts";
import type { Needs, ValidConfig } from "../needs.ts";

const scriptCodes: ReadonlySet<string> = new Set([
  ...["script-missing", "script-not-executable", "script-writable", "shell-syntax"],
]);
const strictCodes: ReadonlySet<string> = new Set(["strict-contradiction", "strict-unreachable"]);

/** Scripts and who could change them: what the lints of `lbctl validate` say, as a finding. */
export function scripts(_needs: Needs, _facts: Facts, { model, warnings }: ValidConfig): Finding[] {
  const say = findingsOf("scripts");
  const found = warnings.filter(({ code }) => scriptCodes.has(code));
  const secure = model.globalDefs.notify.scriptSecurity;
  return found.length === 0
    ? [say.ok("scripts are there, may be run, and nobody else can change them")]
    : found.map((each) => {
        const why =
          each.code === "script-writable"
            ? secure
              ? "With enable_script_security it does not run"
              : "Whoever may write it decides what runs here as its user"
            : "It does not run: what it should tell is never told";
        return (each.code === "script-writable" && !secure ? say.warning : say.failure)(
          said(each),
          why,
          commandOf(each),
        );
      });
}

/** What strict mode does to the virtual addresses. */
export function strictMode(_needs: Needs, _facts: Facts, { vrrp, warnings }: ValidConfig): Finding[] {
  const say = findingsOf("strict-mode");
  const found = warnings.filter(({ code }) => strictCodes.has(code));
  if (found.length > 0) {
    return found.map((each) =>
      say.warning(said(each), each.hint === null ? "It is what RFC 9568 asks for" : sentence(each.hint)),
    );
  }
  return [
    say.ok(
      vrrp.instances.some(({ strict }) => strict)
        ? "strict, and clients reach the virtual addresses"
        : "no instance is strict",
    ),
  ];
}

function said({ file, line, message }: Diagnostic): string {
  return `${message} (${file.split("/").at(-1)}:${line})`;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Hints that are command lines. */
function commandOf({ hint }: Diagnostic): string | null {
  return hint !== null && /^(chmod|chown) \S+ \S+$/.test(hint) ? hint : null;
}
