import { describe, expect, test } from "vitest";
import {
  GenhashUsageError,
  parseFwmark,
  parseHash,
  parsePath,
  parsePort,
  parseProtocol,
  parseTimeout,
} from "./options.ts";

describe("options of genhash", () => {
  test("are read as people write them", () => {
    expect([parsePort("443"), parseFwmark("4294967295"), parsePath("/a?b")]).toEqual([443, 4294967295, "/a?b"]);
    expect(["1.0", "1.0c", "1.0C", "1.1"].map(parseProtocol)).toEqual(["1.0", "1.0C", "1.0C", "1.1"]);
    expect(["md5", "SHA1"].map(parseHash)).toEqual(["md5", "sha1"]);
    expect(["5", "0.25"].map(parseTimeout)).toEqual([5000, 250]);
  });

  test.each([
    [parsePort, "0"],
    [parsePort, "65536"],
    [parsePort, "http"],
    [parsePort, ""],
    [parseFwmark, "-1"],
    [parseFwmark, "0x10"],
    [parseFwmark, "4294967296"],
    [parsePath, "http://host/"],
    [parsePath, ""],
    [parseProtocol, "2"],
    [parseHash, "sha256"],
    [parseTimeout, "0"],
    [parseTimeout, "5s"],
    [parseTimeout, "1e9"],
  ])("%o refuses %j and names the option", (parse, text) => {
    expect(() => parse(text)).toThrow(GenhashUsageError);
    expect(() => parse(text)).toThrow(/^--[a-z]+ must be/);
  });
});
