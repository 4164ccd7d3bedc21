import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Fifo, FifoProblem } from "./fifo.ts";

const me = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "lbctl-fifo-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function read(path: string): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const buffer = Buffer.alloc(200_000);
  const parts: string[] = [];
  try {
    for (;;) {
      const count = readSync(fd, buffer);
      if (count === 0) break;
      parts.push(buffer.toString("utf8", 0, count));
    }
  } catch {
    // EAGAIN: empty.
  }
  closeSync(fd);
  return parts.join("");
}

describe("Fifo", () => {
  test("is made, for its owner alone, and removed at the end", async () => {
    const path = join(directory, "made");
    const fifo = await Fifo.open(path, me);
    expect(statSync(path).isFIFO()).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    fifo.write("one");
    fifo.write("two");
    expect(read(path)).toBe("one\ntwo\n");
    fifo.close();
    expect(existsSync(path)).toBe(false);
  });

  test("one that was there stays there", async () => {
    const path = join(directory, "there");
    const other = await Fifo.open(path, me);
    const fifo = await Fifo.open(path, me);
    fifo.close();
    expect(existsSync(path)).toBe(true);
    other.close();
  });

  test.runIf(me.uid === 0)("belongs to whom it is for", async () => {
    const path = join(directory, "nobody");
    const fifo = await Fifo.open(path, { uid: 65534, gid: 65534 });
    expect([statSync(path).uid, statSync(path).gid]).toEqual([65534, 65534]);
    fifo.close();
  });

  test("without a reader it fills up, never waits, and says what was lost", async () => {
    const path = join(directory, "full");
    const fifo = await Fifo.open(path, me);
    const line = "x".repeat(999);
    let written = 0;
    while (fifo.write(line) !== null) written++;
    expect(written).toBeGreaterThan(10);
    expect(fifo.write(line)).toBeNull();
    expect(fifo.lost).toBe(2);
    expect(read(path)).toBe(`${line}\n`.repeat(written));
    expect(fifo.write("again")).toBe(2);
    expect(fifo.write("again")).toBe(0);
    fifo.close();
  });

  test("what is no FIFO is refused and left alone", async () => {
    const file = join(directory, "file");
    writeFileSync(file, "precious");
    await expect(Fifo.open(file, me)).rejects.toThrow(
      new FifoProblem(`${file} is not a FIFO: remove it, or name another path`),
    );
    expect(statSync(file).size).toBe(8);
    const link = join(directory, "link");
    symlinkSync(file, link);
    await expect(Fifo.open(link, me)).rejects.toThrow(/cannot be opened as a FIFO: ELOOP/);
    await expect(Fifo.open(join(directory, "no/such"), me)).rejects.toThrow(/ENOENT/);
  });
});
