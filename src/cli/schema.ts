import { Command } from "commander";
import { jsonSchema } from "../config/keywords/schema.ts";

/** `lbctl schema`: the JSON Schema of YAML configurations, for editors. */
export function schemaCommand(): Command {
  return new Command("schema")
    .description("print the JSON Schema of the YAML configuration, for completion and checks in editors")
    .action(() => {
      process.stdout.write(`${JSON.stringify(jsonSchema(), null, 2)}\n`);
    });
}
