import {
  compileBodyPattern,
  type ExpectedAnswer,
  type ExpectStep,
  type ProbeSpec,
  patternOf,
  type TlsOptions,
} from "@lbctl/checkers";
import type { Config, WrittenGrpcCheck, WrittenTcpExpect } from "../keywords/table.ts";
import type { Path } from "../locate.ts";
import type { Problem } from "./problem.ts";

/** The turns of TCP_EXPECT. `path` is that of the checker. */
export function expandSteps({ step }: WrittenTcpExpect, path: Path, problems: Problem[]): ExpectStep[] {
  return step.map(({ send = null, expect, expect_regex: regex }, index) => {
    const at = [...path, "step", index];
    if (send === null && expect === undefined && regex === undefined) {
      const message = "the step neither sends nor expects anything";
      problems.push({ path: at, code: "missing-keyword", message, hint: "give it send, expect or expect_regex" });
    }
    if (expect !== undefined && regex !== undefined) {
      const message = "expect and expect_regex exclude each other";
      const hint = "what both say can be one regular expression, or two steps";
      problems.push({ path: [...at, "expect_regex"], code: "conflicting-keywords", message, hint });
    }
    if (regex === undefined) return { send, expect: expect === undefined ? null : { kind: "text", octets: expect } };
    return { send, expect: expandExpected(regex, [...at, "expect_regex"], problems) };
  });
}

function expandExpected(regex: string, path: Path, problems: Problem[]): ExpectedAnswer {
  const expected = { kind: "regex", regex } as const;
  const compiled = compileBodyPattern(patternOf(expected));
  if (!compiled.ok) {
    const message = `the regular expression cannot be searched for: ${compiled.message}`;
    const hint = "RE2 has neither backreferences nor lookaround, so that no answer can hang the checks";
    problems.push({ path, code: "unsupported-regex", message, hint });
  }
  return expected;
}

type GrpcSettings = Omit<Extract<ProbeSpec, { type: "GRPC_CHECK" }>, "type" | "connect">;

/** What GRPC_CHECK asks, and how. `virtualhost` is the inherited one. */
export function expandGrpc(
  checker: WrittenGrpcCheck,
  virtualhost: string | null,
  ssl: Config["SSL"],
  path: Path,
  problems: Problem[],
): GrpcSettings {
  const { service = "", sni_name: sniName, tls = false } = checker;
  const { enable_sni: sni = sniName !== undefined, tls_verify: verify = false } = checker;
  for (const name of ["enable_sni", "sni_name", "tls_verify"] as const) {
    if (tls || checker[name] === undefined) continue;
    problems.push({ path: [...path, name], code: "no-effect", message: `${name} changes nothing without tls` });
  }
  const serverName = sni ? (sniName ?? virtualhost?.replace(/:[0-9]+$/, "") ?? null) : null;
  return { service, authority: virtualhost, tls: tls ? { ...filesOf(ssl), verify, serverName } : null };
}

export function filesOf(ssl: Config["SSL"]): Omit<TlsOptions, "verify"> {
  return {
    ca: ssl.ca ?? null,
    certificate: ssl.certificate ?? null,
    key: ssl.key ?? null,
    password: ssl.password ?? null,
  };
}
