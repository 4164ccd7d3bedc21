// Brings the generated sections of docs/configuration.md up to date: node src/config/keywords/write-manual.ts
import { readFileSync, writeFileSync } from "node:fs";
import { updateManual } from "./manual.ts";

const manual = new URL("../../../docs/configuration.md", import.meta.url);
writeFileSync(manual, updateManual(readFileSync(manual, "utf8")));
