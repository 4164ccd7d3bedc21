import { Command } from "commander";
import { type KeywordSupport, keywordSupport } from "../config/keywords/keyword-support.ts";
import { jsonSchema } from "../config/keywords/schema.ts";
import { version } from "../version.ts";
import { exitCodes } from "./exit-codes.ts";

interface SchemaOptions {
  readonly keywords?: true;
  readonly api?: true;
  readonly json?: true;
}

/** `lbctl schema`: the JSON Schema of YAML configurations, for editors; or how far each keyword is supported. */
export function schemaCommand(): Command {
  return new Command("schema")
    .description("print the JSON Schema of the YAML configuration, for completion and checks in editors")
    .option("--keywords", "print every keyword by block and how far it is supported instead")
    .option("--api", "print what the control socket takes and answers instead, as OpenAPI")
    .option("--json", "with --keywords: as JSON")
    .action(async ({ keywords, api, json }: SchemaOptions) => {
      if (keywords === undefined && json === true) {
        process.stderr.write(
          'lbctl: --json belongs to --keywords; the schema is JSON always (see "lbctl schema --help")\n',
        );
        process.exitCode = exitCodes.usage;
        return;
      }
      if (api === true) {
        const { openApi } = await import("../control/openapi.ts");
        process.stdout.write(jsonText(openApi(version)));
        return;
      }
      process.stdout.write(keywords === true ? keywordText(keywordSupport(), json === true) : jsonText(jsonSchema()));
    });
}

function keywordText(rows: readonly KeywordSupport[], json: boolean): string {
  if (json) return jsonText(rows);
  return rows
    .map(({ block, keyword, support, reason }) => `${block}\t${keyword}\t${support}\t${reason ?? ""}\n`)
    .join("");
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
