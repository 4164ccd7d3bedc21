import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LineTooLong, lines } from "./lines.ts";

async function* chunked(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const size = sizes.length === 0 ? bytes.length : Math.max(1, sizes[turn % sizes.length] ?? 1);
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function collect(bytes: Buffer, sizes: readonly number[], maxBytes = 1 << 20): Promise<string[]> {
  const found: string[] = [];
  for await (const line of lines(chunked(bytes, sizes), maxBytes)) found.push(line);
  return found;
}

describe("lines", () => {
  test("are the same however the bytes are cut", async () => {
    const line = fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\n", " "));
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.array(fc.integer({ min: 1, max: 9 })), async (texts, sizes) => {
        const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(""));
        expect(await collect(bytes, sizes)).toEqual(texts.map((text) => Buffer.from(text).toString()));
      }),
    );
  });

  test("that were not ended are dropped", async () => {
    expect(await collect(Buffer.from("whole\nhalf"), [])).toEqual(["whole"]);
  });

  test("that never end are refused", async () => {
    await expect(collect(Buffer.alloc(5000, "x"), [100], 1000)).rejects.toBeInstanceOf(LineTooLong);
  });
});
