import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseCommandLine } from "./command-line.ts";

describe("parseCommandLine", () => {
  test.each<[string, string[]]>([
    ["/usr/bin/killall -0 nginx", ["/usr/bin/killall", "-0", "nginx"]],
    ["  pgrep\t-x  haproxy ", ["pgrep", "-x", "haproxy"]],
    [`/opt/check 'a b' "c 'd'" e"f g"h`, ["/opt/check", "a b", "c 'd'", "ef gh"]],
    [String.raw`/opt/check a\ b \"c "d \" \\ \n" 'e\'`, ["/opt/check", "a b", '"c', 'd " \\ \\n', "e\\"]],
    [`/opt/check "" ''`, ["/opt/check", "", ""]],
    // No shell: these are plain arguments, as they are for keepalived.
    ["/usr/bin/curl -f http://127.0.0.1/?a=1&b=2", ["/usr/bin/curl", "-f", "http://127.0.0.1/?a=1&b=2"]],
    ["/opt/check ^web$ *.log ~ a|b x=y", ["/opt/check", "^web$", "*.log", "~", "a|b", "x=y"]],
    ["/opt/check '|' \";\" \\&\\& '$(id)' \"a > b\"", ["/opt/check", "|", ";", "&&", "$(id)", "a > b"]],
  ])("%s is a program with its arguments", (text, argv) =>
    expect(parseCommandLine(text)).toEqual({ kind: "program", argv }),
  );

  test.each<[string, string]>([
    ["lsof -i:80 | grep haproxy || exit 1", "|"],
    ["/opt/a && /opt/b", "&&"],
    ["/opt/a; /opt/b", "/opt/a;"],
    ["/opt/a ; /opt/b", ";"],
    ["/opt/a > /dev/null", ">"],
    ["/opt/a >/dev/null 2>&1", ">/dev/null"],
    ["/opt/a 2>/dev/null", "2>/dev/null"],
    ["/opt/a &> /tmp/log", "&>"],
    ["/opt/a < /etc/passwd", "<"],
    ["/opt/a &", "&"],
    ["kill -0 $(cat /run/nginx.pid)", "$(cat"],
    ["kill -0 `cat /run/nginx.pid`", "`cat"],
    ["if [ -f /etc/down ]; then exit 1; fi", "if"],
    ["! test -f /etc/down", "!"],
    ["LANG=C /opt/check", "LANG=C"],
  ])("%s goes to the shell because of %s", (text, because) =>
    expect(parseCommandLine(text)).toEqual({ kind: "shell", text, because }),
  );

  test.each([
    ["", "empty"],
    [" \t", "empty"],
    ["''", "empty"],
    ['/opt/check "a', "unclosed-quote"],
    ["/opt/check 'a", "unclosed-quote"],
    ["/opt/check a\\", "lone-backslash"],
  ])("%j is %s", (text, problem) => expect(parseCommandLine(text)).toEqual({ kind: "invalid", problem }));

  test("quoted words come back as they were", () =>
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 6 }), (words) => {
        fc.pre(words[0] !== "");
        const text = words.map((word) => `'${word.replaceAll("'", `'"'"'`)}'`).join(" ");
        expect(parseCommandLine(text)).toEqual({ kind: "program", argv: words });
      }),
    ));

  test("anything is something", () =>
    fc.assert(
      fc.property(fc.string(), (text) => void parseCommandLine(text)),
      { numRuns: 1000 },
    ));
});
