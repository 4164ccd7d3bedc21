import { describe, expect, test } from "vitest";
import { commandWords, isCounted, type ProcessPattern } from "./process-match.ts";

const pattern = (parameters: ProcessPattern["parameters"], ...process: string[]): ProcessPattern => ({
  process,
  parameters,
  fullCommand: true,
});
const command = (...words: string[]) => ({ name: "any", command: words });

describe("which processes are counted", () => {
  test("by name, as a whole and as far as the kernel keeps it", () => {
    const by = (process: string) => ({ process: [process], parameters: "ignored", fullCommand: false }) as const;
    expect(isCounted({ name: "ssh", command: null }, by("ssh"))).toBe(true);
    expect(isCounted({ name: "sshd", command: null }, by("ssh"))).toBe(false);
    expect(isCounted({ name: "a-name-of-more-", command: null }, by("a-name-of-more-than-15"))).toBe(true);
  });

  test("by command line", () => {
    expect(isCounted(command("/bin/a", "-x"), pattern("ignored", "/bin/a"))).toBe(true);
    expect(isCounted(command("/bin/ab"), pattern("ignored", "/bin/a"))).toBe(false);
    expect(isCounted({ name: "a", command: null }, pattern("ignored", "/bin/a"))).toBe(false);
    expect(isCounted(command("/bin/a", "-x"), pattern("exact", "/bin/a", "-x"))).toBe(true);
    expect(isCounted(command("/bin/a", "-x", "-y"), pattern("exact", "/bin/a", "-x"))).toBe(false);
    expect(isCounted(command("/bin/a"), pattern("exact", "/bin/a", "-x"))).toBe(false);
  });

  test("partial: more parameters may follow", () => {
    expect(isCounted(command("/bin/a", "-x", "-y"), pattern("partial", "/bin/a", "-x"))).toBe(true);
    expect(isCounted(command("/bin/a", "-xy"), pattern("partial", "/bin/a", "-x"))).toBe(false);
    expect(isCounted(command("/bin/a", "-x"), pattern("partial", "/bin/a"))).toBe(true);
  });

  test("initial: the last parameter may be longer", () => {
    expect(isCounted(command("/bin/a", "-x", "-yz"), pattern("initial", "/bin/a", "-x", "-y"))).toBe(true);
    expect(isCounted(command("/bin/a", "-xz", "-y"), pattern("initial", "/bin/a", "-x", "-y"))).toBe(false);
    expect(isCounted(command("/bin/a", "-y", "-z"), pattern("initial", "/bin/a", "-y"))).toBe(false);
    expect(isCounted(command("/bin/a"), pattern("initial", "/bin/a"))).toBe(true);
    expect(isCounted(command("/bin/a", "-y"), pattern("initial", "/bin/a"))).toBe(false);
  });

  test("what /proc has of the command line", () => {
    expect(commandWords("/bin/a\0-x\0\0b\0")).toEqual(["/bin/a", "-x", "", "b"]);
    expect(commandWords("")).toEqual([]);
  });
});
