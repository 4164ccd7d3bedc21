import { describe, expect, test } from "vitest";
import type { Timing } from "./measurement.ts";
import { summarize } from "./summary.ts";

const timing = (subject: string, services: number, cpuMs: number, wallMs = cpuMs): Timing => ({
  kind: "timing",
  benchmark: "write",
  subject,
  services,
  cpuMs,
  wallMs,
});

describe("summarize", () => {
  test("takes medians over the rounds, per entry, with ratios to the reference of the same size", () => {
    const { timings } = summarize([
      timing("ipvsadm -R", 1_000, 90, 100),
      timing("ipvs-netlink apply", 1_000, 30, 40),
      timing("ipvs-netlink apply", 1_000, 500, 600),
      timing("ipvs-netlink apply", 1_000, 50, 60),
    ]);
    expect(timings[1]).toEqual({
      benchmark: "write",
      subject: "ipvs-netlink apply",
      services: 1_000,
      runs: 3,
      cpuMs: 50,
      wallMs: 60,
      cpuUsPerEntry: 10,
      wallUsPerEntry: 12,
      peakMiB: null,
      cpuRatio: 50 / 90,
      wallRatio: 0.6,
      exponent: null,
    });
    expect(timings[0]).toMatchObject({ subject: "ipvsadm -R", cpuRatio: 1, wallRatio: 1 });
  });

  test("says how the cost grows from the smallest size to the largest", () => {
    const { timings } = summarize([timing("a", 10_000, 2_000), timing("a", 1_000, 100), timing("a", 0, 7)]);
    expect(timings.map(({ services }) => services)).toEqual([0, 1_000, 10_000]);
    for (const { exponent } of timings) expect(exponent).toBeCloseTo(Math.log10(20), 9);
  });

  test("knows the largest resident set, and how many entries one virtual server has", () => {
    const one = { ...timing("lbctl", 99, 200), benchmark: "config-one", peakKiB: 2048 } as const;
    expect(summarize([one]).timings[0]).toMatchObject({ peakMiB: 2, cpuUsPerEntry: 2000 });
  });

  test("compares within the benchmark when its reference is measured in several", () => {
    const of = (benchmark: "config" | "config-one", subject: string, cpuMs: number) => ({
      ...timing(subject, 5, cpuMs),
      benchmark,
    });
    const { timings } = summarize([
      of("config", "keepalived -t", 10),
      of("config-one", "keepalived -t", 100),
      of("config-one", "lbctl", 300),
    ]);
    expect(timings.map(({ cpuRatio }) => cpuRatio)).toEqual([1, 1, 3]);
  });

  test("does without a reference", () => {
    expect(summarize([timing("a", 10, 1)]).timings[0]).toMatchObject({ cpuRatio: null, wallRatio: null });
    expect(summarize([])).toEqual({ timings: [], memory: [] });
  });

  test("adds up the processes of the last session of each size", () => {
    const processes = (pssKiB: number) => [
      { title: "p", pssKiB, rssKiB: 2048 },
      { title: "q", pssKiB: 512, rssKiB: 1024 },
    ];
    const { memory } = summarize([
      { kind: "memory", subject: "lbctl", services: 1_000, processes: processes(9_999) },
      { kind: "memory", subject: "lbctl", services: 1_000, processes: processes(1_024) },
    ]);
    expect(memory).toEqual([
      { subject: "lbctl", services: 1_000, process: "p", pssMiB: 1, rssMiB: 2 },
      { subject: "lbctl", services: 1_000, process: "q", pssMiB: 0.5, rssMiB: 1 },
      { subject: "lbctl", services: 1_000, process: "all", pssMiB: 1.5, rssMiB: 3 },
    ]);
  });
});
