import { describe, expect, test } from "vitest";
import { NoCheck, oneOffCheck, parseTarget } from "./one-off.ts";

function refusal(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    if (error instanceof NoCheck) return `${error.message}; ${error.hint}`;
    throw error;
  }
  return "accepted";
}

describe("parseTarget", () => {
  test.each([
    ["TCP_CHECK", "192.0.2.1:80", { host: "192.0.2.1", port: 80, path: null }],
    ["TCP_CHECK", "[2001:db8::1]:80", { host: "2001:db8::1", port: 80, path: null }],
    ["PING_CHECK", "2001:db8::1", { host: "2001:db8::1", port: null, path: null }],
    ["PING_CHECK", "192.0.2.1", { host: "192.0.2.1", port: null, path: null }],
    ["HTTP_GET", "http://www.example.org/a?b=1", { host: "www.example.org", port: 80, path: "/a?b=1" }],
    ["SSL_GET", "https://[2001:db8::1]:8443", { host: "2001:db8::1", port: 8443, path: "/" }],
  ])("%s %s", (checker, text, target) => expect(parseTarget(checker, text)).toEqual(target));

  test.each([
    ["TCP_CHECK", ""],
    ["TCP_CHECK", "a b:c"],
    ["TCP_CHECK", "[::1"],
    ["TCP_CHECK", "http://192.0.2.1/"],
    ["HTTP_GET", "https://192.0.2.1/"],
    ["HTTP_GET", "http://"],
  ])("%s %j is refused", (checker, text) => expect(refusal(() => parseTarget(checker, text))).not.toBe("accepted"));
});

describe("oneOffCheck", () => {
  const make = (checker: string, settings = {}, url = {}, port: number | null = 80) =>
    oneOffCheck({ checker, target: "192.0.2.1", settings, url, ssl: {} }, { host: "", port, path: "/x" }, "192.0.2.1");

  test("has the settings of the checker, and the defaults of a configuration", () => {
    expect(make("HTTP_GET", { connect_timeout: "2" }, { status_code: "200 304" })).toMatchObject({
      spec: {
        type: "HTTP_GET",
        connect: { address: "192.0.2.1", port: 80 },
        urls: [
          {
            path: "/x",
            statusCode: [
              { from: 200, to: 200 },
              { from: 304, to: 304 },
            ],
          },
        ],
      },
      timing: { connectTimeoutMs: 2000 },
    });
    expect(make("PING_CHECK", {}, {}, null).spec).toMatchObject({ type: "PING_CHECK" });
  });

  test("of a script and of a file", () => {
    const of = (checker: string, target: string) =>
      oneOffCheck({ checker, target, settings: {}, url: {}, ssl: {} }, null, "192.0.2.1").spec;
    expect(of("MISC_CHECK", "/bin/check one two")).toMatchObject({ script: { command: "/bin/check one two" } });
    expect(of("FILE_CHECK", "/run/number")).toMatchObject({ path: "/run/number", weight: 1 });
  });

  test.each<[string, object, string]>([
    ["TCPCHECK", {}, 'did you mean "TCP_CHECK"?'],
    ["TCP_CHECK", { conect_timeout: "2" }, 'did you mean "connect_timeout"?'],
    ["TCP_CHECK", { connect_timeout: "soon" }, "connect_timeout"],
    ["DNS_CHECK", { type: "Z" }, "type"],
  ])("%s %j is refused with a hint", (checker, settings, words) =>
    expect(refusal(() => make(checker, settings))).toContain(words),
  );

  test("a port is asked for where one is needed", () => {
    expect(refusal(() => make("TCP_CHECK", {}, {}, null))).toBe("TCP_CHECK needs a port; write 192.0.2.1:<port>");
  });
});
