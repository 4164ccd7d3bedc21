import { NetlinkError } from "../errors.ts";
import type { AttributeType } from "./attribute-types.ts";
import { NLA_F_NESTED, NLA_HEADER_BYTES, NLA_TYPE_MASK } from "./constants.ts";
import { align4, type Memory } from "./memory.ts";

type Rows = Readonly<Record<string, readonly [type: number, codec: AttributeType<unknown>]>>;

type ValueOf<Row> = Row extends readonly [number, AttributeType<infer T>] ? T : never;

/** Values by row name; a row without a value is absent from the message. */
export type AttributeValues<R extends Rows> = { -readonly [K in keyof R]?: ValueOf<R[K]> | undefined };

/** One level of a message's attribute tree: the table that encodes, decodes and documents it. */
export interface AttributeTable<R extends Rows> {
  readonly rows: R;
  /** Writes the given values in table order; answers the offset after them (aligned). */
  encode(memory: Memory, offset: number, values: AttributeValues<R>): number;
  /** Reads what lies between the offsets. Unknown attributes are skipped, of repeated ones the last counts. */
  decode(memory: Memory, offset: number, end: number): AttributeValues<R>;
}

/** Makes a table from rows `name: [attribute number, type]`. */
export function attributes<const R extends Rows>(rows: R): AttributeTable<R> {
  const list = Object.entries(rows).map(([name, [type, codec]]) => ({ name, type, codec }));
  const byType: ((typeof list)[number] | undefined)[] = [];
  for (const row of list) byType[row.type] = row;
  const empty: Record<string, unknown> = Object.fromEntries(list.map(({ name }) => [name, undefined]));

  return {
    rows,
    encode(memory, start, values) {
      let offset = start;
      for (const { name, type, codec } of list) {
        const value = (values as Record<string, unknown>)[name];
        if (value === undefined) continue;
        const length = codec.write(memory, offset + NLA_HEADER_BYTES, value) + NLA_HEADER_BYTES;
        memory.setU16(offset, length);
        memory.setU16(offset + 2, type | codec.flags);
        for (let pad = offset + length; pad & 3; pad++) memory.u8[pad] = 0;
        offset += align4(length);
      }
      // Typed arrays ignore writes past their end: nothing was overwritten, but the message is not whole.
      if (offset > memory.size) throw new NetlinkError("invalid", "the message does not fit into its buffer");
      return offset;
    },
    decode(memory, start, end) {
      const values = { ...empty };
      for (let offset = start; offset + NLA_HEADER_BYTES <= end; ) {
        const length = memory.getU16(offset);
        if (length < NLA_HEADER_BYTES || offset + length > end) {
          throw new NetlinkError("malformed", `attribute of ${length} octets with ${end - offset} left`);
        }
        const row = byType[memory.getU16(offset + 2) & NLA_TYPE_MASK];
        if (row !== undefined) {
          values[row.name] = row.codec.read(memory, offset + NLA_HEADER_BYTES, length - NLA_HEADER_BYTES);
        }
        offset += align4(length);
      }
      return values as AttributeValues<R>;
    },
  };
}

/** An attribute whose payload is another table's attributes. */
export function nested<R extends Rows>(table: AttributeTable<R>): AttributeType<AttributeValues<R>> {
  return {
    layout: "nested",
    flags: NLA_F_NESTED,
    write: (memory, offset, values) => table.encode(memory, offset, values) - offset,
    read: (memory, offset, length) => table.decode(memory, offset, offset + length),
  };
}
