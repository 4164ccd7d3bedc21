import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { generateConstants, kernelVersion, readHeader } from "../../scripts/header-constants.ts";

const HEADER = "/usr/include/linux/ip_vs.h";
const VERSION_HEADER = "/usr/include/linux/version.h";
const committed = readFileSync(new URL("./constants.ts", import.meta.url), "utf8");
const generatedFrom = /of Linux (\S+):/.exec(committed)?.[1];
const installed = existsSync(HEADER) ? kernelVersion(readFileSync(VERSION_HEADER, "utf8")) : "none";

describe("constants.ts", () => {
  test.skipIf(installed !== generatedFrom)("is what the installed header generates", () => {
    expect(committed).toBe(generateConstants(readFileSync(HEADER, "utf8"), installed));
  });

  test("cites the header lines of Linux 6.1", () => {
    expect(generatedFrom).toBe("6.1");
    expect(committed).toContain("export const IPVS_CMD_NEW_SERVICE = 1; // line 305\n");
    expect(committed).toContain("export const IPVS_DEST_ATTR_TUN_FLAGS = 15; // line 406\n");
  });
});

test("readHeader counts enumerators, follows explicit values, and takes simple defines only", () => {
  const header = [
    '#define IPVS_GENL_NAME\t\t"IPVS"',
    "#define IPVS_MACRO(a) (a)",
    "#define IPVS_SHIFTED\t(1 << 3) /* why */",
    "#define OTHER 1",
    "enum {",
    "\tIPVS_ONE = 0,",
    "",
    "\tIPVS_TWO,\t/* two */",
    "\tIPVS_NINE = 9,",
    "\tIPVS_TEN,",
    "\t__IPVS_MAX,",
    "};",
    "#define IPVS_MAX (__IPVS_MAX - 1)",
  ];
  expect(readHeader(header.join("\n"))).toEqual([
    { name: "IPVS_GENL_NAME", value: '"IPVS"', line: 1 },
    { name: "IPVS_SHIFTED", value: "1 << 3", line: 3 },
    { name: "IPVS_ONE", value: "0", line: 6 },
    { name: "IPVS_TWO", value: "1", line: 8 },
    { name: "IPVS_NINE", value: "9", line: 9 },
    { name: "IPVS_TEN", value: "10", line: 10 },
  ]);
});
