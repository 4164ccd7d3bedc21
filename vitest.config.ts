import { defineConfig } from "vitest/config";

const long = process.env.LBCTL_TEST_LONG === "1";
const never = ["**/node_modules/**", ...(long ? [] : ["**/*.long.test.ts"])];
const kernel = ["test/kernel/*.test.ts"];
const system = ["test/{e2e,interop}/**/*.test.ts"];

// Groups run one after the other: what measures time or boots guests does not share the cores with the unit tests.
export default defineConfig({
  test: {
    setupFiles: ["test/fast-check-seed.ts"],
    // Real processes on a shared machine: a test may be repeated once, and the last lines of the run name it.
    retry: 1,
    // No wait and no test has a limit that a machine could reach by being slow, or by standing still for seconds: they are for
    // what never comes.
    expect: { poll: { timeout: 120_000, interval: 50 } },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["{src,ipvs,checkers,test,scripts}/**/*.test.ts"],
          exclude: [...never, ...kernel, ...system],
          maxWorkers: 2,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Whole processes, on the machine's own kernel. They wait more than they work: two files at a time.
        extends: true,
        test: {
          name: "system",
          include: system,
          exclude: never,
          maxWorkers: 2,
          // Several of the tests that wait for a peer's timers.
          maxConcurrency: 8,
          testTimeout: 400_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // One guest per file, booted in its beforeAll; two files at a time.
        extends: true,
        test: {
          name: "kernel",
          include: kernel,
          exclude: never,
          maxWorkers: 2,
          testTimeout: 400_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
