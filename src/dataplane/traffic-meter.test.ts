import { expect, test } from "vitest";
import { estimate, estimateEveryS, TrafficMeter } from "./traffic-meter.ts";

test("totals count up, and rates follow a steady load within the kernel's few estimates", () => {
  const meter = new TrafficMeter();
  for (let interval = 0; interval < 20; interval++) {
    for (let n = 0; n < 50 * estimateEveryS; n++) {
      meter.connection();
      meter.received(100);
      meter.sent(1000);
    }
    meter.estimate();
  }
  expect(meter.statistics()).toMatchObject({
    connections: 2000,
    inPackets: 2000,
    outPackets: 2000,
    inBytes: 200_000,
    outBytes: 2_000_000,
    connectionsPerS: 50,
    outPacketsPerS: 50,
  });
  expect(meter.statistics().inBytesPerS).toBeGreaterThan(4900);
  expect(meter.statistics().outBytesPerS).toBeGreaterThan(49_000);
});

test("rates fall to zero when the traffic ends", () => {
  const meter = new TrafficMeter();
  for (let n = 0; n < 1000; n++) meter.received(10);
  for (let interval = 0; interval < 60; interval++) meter.estimate();
  expect(meter.statistics()).toMatchObject({ inPackets: 1000, inPacketsPerS: 0, inBytesPerS: 0 });
});

test("one estimate goes a quarter of the way", () => {
  expect(estimate(0, 80)).toBe(10);
  expect(estimate(40, 80)).toBe(40);
});
