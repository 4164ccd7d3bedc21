import type { Tunnel } from "ipvs-netlink";

import { nearest } from "../../suggest.ts";
import { invalid, type ParsedValue, type ValueType, valid } from "../value-type.ts";
import { port } from "./integer.ts";

/** lvs_method with what follows TUN. */
export type Forwarding =
  | { readonly method: "NAT" | "DR"; readonly tunnel: null }
  | { readonly method: "TUN"; readonly tunnel: Tunnel };

const methods = ["NAT", "DR", "TUN"] as const;
const types = ["ipip", "gue", "gre"] as const;
const checksums = ["nocsum", "csum", "remcsum"] as const;
const SYNTAX = "NAT, DR or TUN [type ipip|gue port <port>|gre] [nocsum|csum|remcsum]";

/** `NAT`, `DR` or `TUN [type {ipip|gue port NUM|gre} [nocsum|csum|remcsum]]`. */
export const forwarding: ValueType<Forwarding> = {
  name: "NAT | DR | TUN [type ...]",
  expected: SYNTAX,
  shape: "words",
  parse: ([word, ...options]) => {
    if (word === undefined) return { ok: false, code: "missing-value", word: 0, hint: null };
    const method = methods.find((each) => each === word);
    if (method === undefined) return invalid(suggestionFor(word, methods));
    if (method === "TUN") return parseTunnel(options);
    return options.length === 0 ? valid({ method, tunnel: null }) : invalid("tunnel options belong to TUN", 1);
  },
  format: ({ method, tunnel }) => (tunnel === null ? method : `TUN ${formatTunnel(tunnel)}`),
  input: (z) => z.string(),
};

function parseTunnel(options: readonly string[]): ParsedValue<Forwarding> {
  let type: Tunnel["type"] | null = null;
  let tunnelPort = 0;
  let checksum: (typeof checksums)[number] | null = null;
  for (let at = 0; at < options.length; at++) {
    const word = options[at] as string;
    const known = checksums.find((each) => each === word);
    if (word === "type" && type === null) {
      const name = options[++at];
      type = types.find((each) => each === name) ?? null;
      if (type === null) return invalid(`a tunnel type is ${types.join(", ")}`, Math.min(at + 1, options.length));
    } else if (word === "port" && tunnelPort === 0) {
      const parsed = port.parse(options.slice(at + 1, at + 2));
      if (!parsed.ok)
        return { ...parsed, word: Math.min(at + 2, options.length), hint: "port takes a number from 1 to 65535" };
      tunnelPort = parsed.value;
      at++;
    } else if (known !== undefined && checksum === null) {
      checksum = known;
    } else {
      return invalid(suggestionFor(word, ["type", "port", ...checksums]), at + 1);
    }
  }
  return checkTunnel(type ?? "ipip", tunnelPort, checksum ?? "nocsum", options);
}

function checkTunnel(
  type: Tunnel["type"],
  tunnelPort: number,
  checksum: (typeof checksums)[number],
  options: readonly string[],
): ParsedValue<Forwarding> {
  const at = (word: string) => options.indexOf(word) + 1;
  if (type === "gue" && tunnelPort === 0)
    return invalid("a gue tunnel needs its UDP port: TUN type gue port 6080", at("gue"));
  if (type !== "gue" && tunnelPort !== 0) return invalid("only a gue tunnel has a port", at("port"));
  if (type === "ipip" && checksum !== "nocsum") return invalid("an ipip tunnel has no checksum", at(checksum));
  if (type === "gre" && checksum === "remcsum") return invalid("a gre tunnel has no remote checksum", at(checksum));
  return valid({
    method: "TUN",
    tunnel: { type, port: tunnelPort, checksum: checksum === "nocsum" ? "none" : checksum },
  });
}

function formatTunnel({ type, port: tunnelPort, checksum }: Tunnel): string {
  const portText = type === "gue" ? ` port ${tunnelPort}` : "";
  return `type ${type}${portText}${checksum === "none" ? "" : ` ${checksum}`}`;
}

function suggestionFor(word: string, candidates: readonly string[]): string | null {
  const suggestion = nearest(word, candidates);
  return suggestion === null ? null : `did you mean "${suggestion}"?`;
}
