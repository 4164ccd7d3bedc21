import type { WrittenVrrpInstance } from "../../keywords/table.ts";
import type { Path } from "../../locate.ts";
import type { Authentication, Hmac } from "../../vrrp-model.ts";
import type { VrrpContext } from "./context.ts";

const authTypes = ["PASS", "AH"] as const;

/** RFC 2338 section 10; gone since RFC 3768. Null, and said, when it is not in force. */
export function expandAuthentication(
  written: WrittenVrrpInstance,
  version: 2 | 3,
  strict: boolean,
  path: Path,
  { problems }: VrrpContext,
): Authentication | null {
  const { authentication } = written;
  if (authentication === undefined) return null;
  const at = [...path, "authentication"];
  const { auth_type: type, auth_pass: password } = authentication;
  if (version === 3) {
    const message = "VRRP version 3 has no authentication";
    problems.push({ path: at, code: "conflicting-keywords", message, hint: "leave it out, or use auth_hmac" });
    return null;
  }
  for (const name of ["auth_type", "auth_pass"] as const) {
    if (authentication[name] !== undefined) continue;
    const hint = name === "auth_type" ? `one of ${authTypes.join(", ")}` : "the same on every router";
    problems.push({ path: at, code: "missing-keyword", message: `authentication needs ${name}`, hint });
  }
  // A lint says what strict mode does not allow.
  if (strict || type === undefined || password === undefined) return null;
  return { type, password: firstOctets(password, 8) };
}

function firstOctets(text: string, count: number): string {
  const characters = [...text];
  while (Buffer.byteLength(characters.join("")) > count) characters.pop();
  return characters.join("");
}

export function expandHmac(
  written: WrittenVrrpInstance,
  advertMs: number,
  path: Path,
  { problems }: VrrpContext,
): Hmac | null {
  const { auth_hmac: hmac } = written;
  if (hmac === undefined) return null;
  const keys = hmac.key ?? [];
  if (keys.length === 0)
    problems.push({ path: [...path, "auth_hmac"], code: "missing-keyword", message: "auth_hmac needs key" });
  else if (!keys.some(({ id }) => id === hmac.active_key)) {
    const message = `no key has the id ${hmac.active_key}`;
    const hint = `there is ${keys.map(({ id }) => id).join(", ")}`;
    problems.push({ path: [...path, "auth_hmac", "active_key"], code: "unknown-reference", message, hint });
  }
  return {
    keys,
    activeKey: hmac.active_key,
    mode: hmac.mode ?? "enforce",
    antiReplay: hmac.anti_replay ?? "time",
    timeWindowMs: hmac.time_window === undefined ? Math.max(5000, 3 * advertMs) : hmac.time_window * 1000,
  };
}
