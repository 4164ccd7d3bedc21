import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { corrected, shareOf, treeCpuMs } from "./host-share.ts";

const stat = (pid: number, parent: number, ...ticks: readonly [number, number, number, number]) =>
  `${pid} (a (b) c) S ${parent} 5 5 0 -1 4194560 100 0 0 0 ${ticks.join(" ")} 20 0 1 0 500 1000 10`;

describe("treeCpuMs", () => {
  test("adds user and system time of a process, its descendants, and those of their children that have ended", () => {
    const stats = [stat(3, 2, 10, 0, 0, 0), stat(1, 0, 100, 0, 0, 0), stat(2, 1, 1, 2, 3, 4), stat(9, 1, 100, 0, 0, 0)];
    expect(treeCpuMs(stats, 2)).toBe(200);
    expect(treeCpuMs(stats, 7)).toBe(0);
  });

  test("reads what the kernel writes", () => {
    const burn = "n=0; while [ $n -lt 200000 ]; do n=$((n+1)); done; cat /proc/$$/stat";
    const line = execFileSync("sh", ["-c", burn], { encoding: "utf8" });
    expect(treeCpuMs([line], Number.parseInt(line, 10))).toBeGreaterThan(50);
  });
});

describe("the share that a guest got", () => {
  test.each([
    [500, 1000, 0.5],
    [1000, 1000, 1],
    [1200, 1000, 1],
    [10, 0, 1],
  ])("%d ms of the host for %d ms of the guest is %d", (host, guest, share) => {
    expect(shareOf(host, guest)).toBe(share);
  });

  test("takes what was withheld from CPU and wall time", () => {
    expect(corrected({ wallMs: 1500, cpuMs: 1000 }, 0.25)).toEqual({ wallMs: 750, cpuMs: 250 });
    expect(corrected({ wallMs: 1500, cpuMs: 1000 }, 1)).toEqual({ wallMs: 1500, cpuMs: 1000 });
  });
});
