import { describe, expect, test } from "vitest";
import { parseOptions, UsageError } from "./options.ts";

describe("parseOptions", () => {
  test("without words: everything, at 1,000 and 10,000 services, in user-mode Linux", () => {
    expect(parseOptions([])).toEqual({
      benchmarks: new Set(["write", "start", "reload", "read-back", "config", "config-one", "memory"]),
      kernel: "uml",
      sizes: [1_000, 10_000],
      configSizes: [1_000, 5_000, 20_000],
      rounds: 4,
      jsonFile: null,
    });
  });

  test("quick is one round at the smaller size", () => {
    expect(parseOptions(["--quick"])).toMatchObject({ sizes: [1_000], configSizes: [1_000], rounds: 1 });
  });

  test("what is said counts more than what quick means", () => {
    const words = ["reload", "--quick", "--services", "500,200,500", "--rounds=3", "--kernel", "6.12", "--json", "x"];
    expect(parseOptions(words)).toEqual({
      benchmarks: new Set(["reload"]),
      kernel: "6.12",
      sizes: [200, 500],
      configSizes: [200, 500],
      rounds: 3,
      jsonFile: "x",
    });
  });

  test.each([
    [["wrote"], '"wrote" is no benchmark: write, start, reload, read-back, config, config-one, memory'],
    [["--kernel", "5.10"], '"5.10" is no kernel: uml, 6.12'],
    [["--services", "0"], '"0" is not a number from 1 to 60000'],
    [["--services", "1e3"], '"1e3" is not a number'],
    [["--services", "10,"], '"" is not a number'],
    [["--rounds", "-1"], "rounds"],
    [["--fast"], "--fast"],
  ])("refuses %j", (words, message) => {
    expect(() => parseOptions(words)).toThrow(UsageError);
    expect(() => parseOptions(words)).toThrow(message);
  });
});
