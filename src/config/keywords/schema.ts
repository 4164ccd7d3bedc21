import { type ZodType, z } from "zod";
import type { Block, Entry, Keyword } from "./keyword.ts";
import { keywordTable } from "./table.ts";
import type { ValueProblem } from "./value-type.ts";

/** What a value that its type refuses becomes: the `params` of zod's issue. */
export interface RefusedValue {
  readonly problem: ValueProblem;
}

/**
 * zod's schema of a block as both front ends yield it, every value as the list of its words. It turns them into the types
 * of the table; a refused value is an issue of code "custom" that carries a `RefusedValue`.
 */
export function wordsSchema(block: Block): ZodType {
  return blockSchema(block, false, ({ type }) =>
    z.array(z.string()).transform((words, context) => {
      const parsed = type.parse(words);
      if (parsed.ok) return parsed.value;
      context.addIssue({ code: "custom", message: parsed.code, params: { problem: parsed } satisfies RefusedValue });
      return z.NEVER;
    }),
  );
}

/**
 * zod's schema of a YAML file: what editors complete and check. It knows shapes and ranges; how settings fit together it does
 * not. What is not supported yet is not in it.
 */
export function yamlSchema(): ZodType {
  return blockSchema(keywordTable, true, ({ type, row }) => {
    const description = row.noEffect === undefined ? row.summary : `no effect: ${row.noEffect}`;
    return type.input.meta(
      row.default === undefined ? { description } : { description, default: type.format(row.default) },
    );
  });
}

/** JSON Schema (draft 2020-12) of a YAML configuration file. */
export function jsonSchema(): object {
  return {
    title: "lbctl configuration",
    ...z.toJSONSchema(yamlSchema(), { io: "input" }),
  };
}

function blockSchema(block: Block, yaml: boolean, valueSchema: (entry: Keyword) => ZodType): ZodType {
  const shape: Record<string, ZodType> = {};
  for (const [name, entry] of Object.entries(block.entries)) {
    if (yaml && entry.lacking !== undefined) continue;
    const schema = entrySchema(entry, yaml, valueSchema);
    shape[name] = isRequired(entry) ? schema : schema.optional();
    const others = yaml && entry.kind === "value" ? (entry.row.synonyms ?? []) : [];
    for (const other of others) shape[other] = schema.optional();
  }
  return z.strictObject(shape);
}

function entrySchema(entry: Entry, yaml: boolean, valueSchema: (entry: Keyword) => ZodType): ZodType {
  if (entry.kind === "value") return valueSchema(entry);
  const inner = blockSchema(entry.block, yaml, valueSchema);
  // In YAML, a list of one may be written without the list, and a block without settings as nothing.
  const lenient = yaml ? inner.or(z.null()) : inner;
  if (!entry.repeatable) return lenient;
  return yaml ? z.union([lenient, z.array(lenient)]) : z.array(inner);
}

function isRequired(entry: Entry): boolean {
  return entry.kind === "value" ? entry.row.required === true : entry.required;
}
