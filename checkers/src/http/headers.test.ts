import { describe, expect, test } from "vitest";
import { HeaderSection } from "./headers.ts";

function section(...lines: string[]): HeaderSection {
  const section = new HeaderSection();
  for (const line of lines) expect(section.add(line)).toBe(true);
  return section;
}

describe("body length (RFC 9112 6.3)", () => {
  test.each([
    [[], { kind: "until-close" }],
    [["Content-Length: 5"], { kind: "sized", bytes: 5 }],
    [["content-length:0"], { kind: "sized", bytes: 0 }],
    [["Content-Length : 7 "], { kind: "sized", bytes: 7 }],
    [["Content-Length: 5, 5"], { kind: "sized", bytes: 5 }],
    [["Content-Length: 5", "Content-Length: 5"], { kind: "sized", bytes: 5 }],
    [["Content-Length:", "  5"], { kind: "invalid", detail: "several different Content-Length" }],
    [["Content-Length: 5", "Content-Length: 6"], { kind: "invalid", detail: "several different Content-Length" }],
    [["Content-Length: -1"], { kind: "invalid", detail: "Content-Length is not a number" }],
    [["Content-Length: 0x10"], { kind: "invalid", detail: "Content-Length is not a number" }],
    [["Content-Length: 99999999999999999999"], { kind: "invalid", detail: "Content-Length is not a number" }],
    [["Content-Length:"], { kind: "invalid", detail: "Content-Length is not a number" }],
    [["Transfer-Encoding: chunked"], { kind: "chunked" }],
    [["Transfer-Encoding: gzip, Chunked", "Content-Length: 5"], { kind: "chunked" }],
    [["Transfer-Encoding: gzip,", "\tchunked"], { kind: "chunked" }],
    [["Transfer-Encoding: chunked, gzip"], { kind: "until-close" }],
    [["X-Content-Length: 5", "Server: a:b"], { kind: "until-close" }],
  ])("%j is %j", (lines, expected) => expect(section(...lines).bodyLength()).toEqual(expected));
});

test.each(["", "no colon", ": no name", "na me: x", "ünï: x", " folded first"])("%j is no field line", (line) => {
  expect(new HeaderSection().add(line)).toBe(false);
});
