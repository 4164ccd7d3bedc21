import type { Problem } from "../expand/problem.ts";
import type { Config } from "../keywords/table.ts";
import type { Path } from "../locate.ts";
import { instancesOf } from "./instances.ts";
import type { LintContext } from "./lint.ts";

/** What RFC 2338 has room for, and keepalived cuts to. */
const PASSWORD_OCTETS = 8;

/** The passwords of VRRP and TLS. Places are those of blocks: what is shown of them may end in a log. */
export function* passwords({ config, host, locate }: LintContext): Iterable<Problem> {
  for (const { written, path } of instancesOf(config)) {
    const octets = Buffer.byteLength(written.authentication?.auth_pass ?? "");
    if (octets <= PASSWORD_OCTETS) continue;
    yield {
      path: [...path, "authentication"],
      code: "auth-pass-too-long",
      message: `auth_pass has ${octets} octets and adverts have room for ${PASSWORD_OCTETS}: the last ${octets - PASSWORD_OCTETS} do not count`,
      hint: "two passwords that begin with the same eight are one",
    };
  }
  const said = new Set<string>();
  // To find the place of a setting may take reading the file again.
  const readable = Object.values(host?.fileModes ?? {}).some(isReadableByAll);
  for (const { block, keyword } of readable ? secretsOf(config) : []) {
    const span = locate([...block, keyword]);
    if (span === null || isReference(span.source.text.slice(span.start, span.end))) continue;
    const { file } = span.source;
    const mode = host?.fileModes[file];
    if (mode === undefined || !isReadableByAll(mode) || said.has(file)) continue;
    said.add(file);
    yield {
      path: block,
      code: "password-readable",
      message: `every user of this host can read the password in ${file} (mode ${modeText(mode)})`,
      hint: `chmod o-r ${file}`,
    };
  }
}

export function isReadableByAll(mode: number): boolean {
  return (mode & 0o004) !== 0;
}

/** Permission bits as chmod takes them. */
export function modeText(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

interface Secret {
  readonly block: Path;
  readonly keyword: string;
}

/** True when what stands there is not the password but the variable of the environment that has it. */
function isReference(text: string): boolean {
  return /^["']?\$\{(?:env:|_ENV\b)/.test(text);
}

/** Everything in the configuration that is a secret. */
export function secretsOf(config: Config): Secret[] {
  const ofInstances = instancesOf(config).flatMap(({ written: { authentication, auth_hmac: hmac }, path }) => [
    ...(authentication?.auth_pass === undefined ? [] : [{ block: [...path, "authentication"], keyword: "auth_pass" }]),
    ...(hmac?.key?.some(({ key }) => !key.startsWith("file:"))
      ? [{ block: [...path, "auth_hmac"], keyword: "key" }]
      : []),
  ]);
  const ofTls = config.SSL.password === undefined ? [] : [{ block: ["SSL"], keyword: "password" }];
  return [...ofInstances, ...ofTls];
}
