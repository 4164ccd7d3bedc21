import { expect, test } from "vitest";
import { numberNamed, parseNames } from "./expand/vrrp/iproute-names.ts";
import { readIprouteNames } from "./iproute-files.ts";

test("names of this host, and those of every host", async () => {
  const { tables, protocols, scopes, dsfields } = await readIprouteNames();
  expect(tables).toMatchObject({ main: 254, local: 255 });
  expect(protocols).toMatchObject({ kernel: 2, bgp: 186 });
  expect(scopes).toMatchObject({ link: 253 });
  expect(dsfields).toMatchObject({ EF: 0xb8 });
});

test("a file of iproute2", () => {
  const text = "# reserved\n255\tlocal\n 0x64  blue # ours\n\nnonsense\n1x red\n";
  expect(parseNames(text)).toEqual({ local: 255, blue: 100 });
});

test.each([
  ["blue", 100],
  ["7", 7],
  ["0x10", 16],
  ["4294967296", null],
  ["red", null],
  ["constructor", null],
])("%s is %j", (word, expected) => expect(numberNamed(word, { blue: 100 }, 0xffff_ffff)).toBe(expected));
