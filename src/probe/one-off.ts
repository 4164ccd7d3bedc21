import type { Check } from "@lbctl/checkers";
import { parseConfig } from "../config/parse-config.ts";

/** A check as it is asked for on a command line: settings by the keywords of the checker. */
export interface OneOff {
  readonly checker: string;
  readonly target: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly url: Readonly<Record<string, unknown>>;
  readonly ssl: Readonly<Record<string, unknown>>;
}

/** What is asked for makes no check; `hint` says what would. */
export class NoCheck extends Error {
  readonly hint: string;
  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** Checkers whose target is no address. */
const withoutAddress = new Set(["MISC_CHECK", "FILE_CHECK"]);
const withUrls = new Set(["HTTP_GET", "SSL_GET"]);

/** Where a target is: an address and, perhaps, a port; of a URL also the host name and the path. */
export interface Target {
  readonly host: string;
  readonly port: number | null;
  readonly path: string | null;
}

/** "192.0.2.1:80", "[2001:db8::1]:80", "192.0.2.1", "http://host:8080/path". @throws NoCheck */
export function parseTarget(checker: string, text: string): Target {
  const shape = new NoCheck(
    `"${text}" is no target`,
    'write an address and a port: "192.0.2.1:80", "[2001:db8::1]:80"',
  );
  if (/^https?:\/\//i.test(text)) {
    if (!withUrls.has(checker)) throw new NoCheck(`${checker} asks for no URL`, shape.hint);
    if (!URL.canParse(text)) throw shape;
    const { hostname, port, pathname, search, protocol } = new URL(text);
    const secured = protocol === "https:";
    if (secured !== (checker === "SSL_GET"))
      throw new NoCheck(
        `${checker} does not speak ${protocol.slice(0, -1)}`,
        "http is for HTTP_GET, https for SSL_GET",
      );
    const host = hostname.replace(/^\[(.*)\]$/, "$1");
    return { host, port: port === "" ? (secured ? 443 : 80) : Number(port), path: pathname + search };
  }
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::([0-9]{1,5}))?$/.exec(text);
  if (match !== null)
    return {
      host: (match[1] ?? match[2]) as string,
      port: match[3] === undefined ? null : Number(match[3]),
      path: null,
    };
  if (/^[0-9a-fA-F]*:[0-9a-fA-F]*:[^\s/]*$/.test(text)) return { host: text, port: null, path: null };
  throw shape;
}

/**
 * The check, made by the rules of a configuration that holds nothing else, so that keywords, defaults and errors are the same.
 * `address` is that of the target's host. @throws NoCheck
 */
export function oneOffCheck(
  { checker, target, settings, url, ssl }: OneOff,
  place: Target | null,
  address: string,
): Check {
  const ofUrl = withUrls.has(checker) ? { url: { path: place?.path ?? "/", ...url } } : {};
  const own = checker === "MISC_CHECK" ? { misc_path: target } : checker === "FILE_CHECK" ? { track_file: "file" } : {};
  const inet6 = address.includes(":");
  const config = {
    ...(Object.keys(ssl).length === 0 ? {} : { SSL: ssl }),
    ...(checker === "FILE_CHECK" ? { track_file: { name: "file", file: target } } : {}),
    virtual_server: {
      address: inet6 ? "2001:db8::" : "192.0.2.0",
      port: 1,
      protocol: "TCP",
      real_server: {
        address,
        port: place?.port ?? 1,
        [checker]: { ...own, ...ofUrl, ...settings },
      },
    },
  };
  const result = parseConfig(JSON.stringify(config), "probe.yaml");
  if (!result.ok) {
    const error = result.diagnostics.find(({ severity }) => severity === "error") ?? result.diagnostics[0];
    throw new NoCheck(error?.message ?? "no such check", error?.hint ?? "see docs/reference.md");
  }
  const check = result.model.virtualServers[0]?.realServers[0]?.checks[0];
  if (check === undefined) throw new NoCheck(`${checker} is no checker`, "see docs/checkers.md");
  const needsPort = !withoutAddress.has(checker) && checker !== "PING_CHECK" && settings.connect_port === undefined;
  if (needsPort && place?.port == null) throw new NoCheck(`${checker} needs a port`, `write ${target}:<port>`);
  return check;
}

export function hasAddress(checker: string): boolean {
  return !withoutAddress.has(checker);
}
