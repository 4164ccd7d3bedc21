/**
 * Writes src/ipvs/constants.ts from the kernel's linux/ip_vs.h, each constant with the header line it comes from.
 * Usage: node ipvs/scripts/generate-constants.ts [header]
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { generateConstants, kernelVersion } from "./header-constants.ts";

export const HEADER = "/usr/include/linux/ip_vs.h";
export const VERSION_HEADER = "/usr/include/linux/version.h";

const header = process.argv[2] ?? HEADER;
const target = fileURLToPath(new URL("../src/ipvs/constants.ts", import.meta.url));
writeFileSync(
  target,
  generateConstants(readFileSync(header, "utf8"), kernelVersion(readFileSync(VERSION_HEADER, "utf8"))),
);
