import { type ZodType, z } from "zod";
import { yamlTable } from "./defaults.ts";
import type { Block, Entry, Keyword } from "./keyword.ts";
import { isRequired } from "./lookup.ts";

const fromEnvironment = z
  .string()
  .regex(/\$\{env:[A-Za-z_][A-Za-z0-9_]*(?::-[^}]*)?\}/)
  .meta({ id: "environment", description: "replaced by a variable of the environment" });

const included = z
  .union([z.string(), z.array(z.string())])
  .optional()
  .meta({ id: "include", description: "files whose keywords stand here, relative to this one; *, ? and {a,b} work" });

/**
 * zod's schema of a YAML file: what editors complete and check. It knows shapes and ranges; how settings fit together it does
 * not. What is not supported yet is not in it.
 */
export function yamlSchema(): ZodType {
  return blockSchema(yamlTable, ({ type, row }) => {
    const description = row.noEffect === undefined ? row.summary : `no effect: ${row.noEffect}`;
    return type
      .input(z)
      .or(fromEnvironment)
      .meta(row.default === undefined ? { description } : { description, default: type.format(row.default) });
  });
}

/** JSON Schema (draft 2020-12) of a YAML configuration file. */
export function jsonSchema(): object {
  return {
    title: "lbctl configuration",
    ...z.toJSONSchema(yamlSchema(), { reused: "ref", io: "input" }),
  };
}

function blockSchema(block: Block, valueSchema: (entry: Keyword) => ZodType): ZodType {
  const shape: Record<string, ZodType> = {};
  for (const [name, entry] of Object.entries(block.entries)) {
    if (entry.lacking !== undefined) continue;
    const schema = entrySchema(entry, valueSchema);
    shape[name] = isRequired(entry) ? schema : schema.optional();
    const others = entry.kind === "value" ? (entry.row.synonyms ?? []) : [];
    for (const other of others) shape[other] = schema.optional();
  }
  shape.include = included;
  return z.strictObject(shape);
}

function entrySchema(entry: Entry, valueSchema: (entry: Keyword) => ZodType): ZodType {
  if (entry.kind === "value") return valueSchema(entry);
  // A list of one may be written without the list, and a block without settings as nothing.
  const block = blockSchema(entry.block, valueSchema).or(z.null());
  return entry.repeatable ? z.union([block, z.array(block)]) : block;
}
