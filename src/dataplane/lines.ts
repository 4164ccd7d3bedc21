/**
 * The lines of a byte stream, without their ends. A last line that was not ended is dropped: its sender died in the middle of it.
 * @throws LineTooLong as soon as a line exceeds `maxBytes`
 */
export async function* lines(chunks: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      parts.push(chunk.subarray(start, end));
      yield Buffer.concat(parts).toString("utf8");
      parts = [];
      size = 0;
      start = end + 1;
    }
    const rest = chunk.subarray(start);
    size += rest.length;
    if (size > maxBytes) throw new LineTooLong(maxBytes);
    parts.push(rest);
  }
}

const newline = 0x0a;

export class LineTooLong extends Error {
  readonly code = "line-too-long";
  constructor(maxBytes: number) {
    super(`a line is longer than ${maxBytes} bytes`);
  }
}
