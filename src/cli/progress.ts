/** One line that says what is waited for, on a terminal only. */
export function progressOn(stream: NodeJS.WriteStream): { show(what: string): void; end(): void } {
  const write = (text: string) => void (stream.isTTY && stream.write(text));
  return { show: (what) => write(`\r\u001b[K${what} ...`), end: () => write("\r\u001b[K") };
}
