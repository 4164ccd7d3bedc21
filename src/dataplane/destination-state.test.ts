import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DestinationState } from "./destination-state.ts";
import { destinationOf } from "./testing/entries.ts";

describe("connection counts", () => {
  test("a connection is active, half-closed inactive, closed inactive until it is forgotten", () => {
    const destination = new DestinationState(destinationOf(80));
    const counts = (): number[] => [destination.activeConnections, destination.inactiveConnections];
    destination.open("active");
    expect(counts()).toEqual([1, 0]);
    destination.deactivate();
    expect(counts()).toEqual([0, 1]);
    destination.close("inactive", 120, 1000.5);
    expect(counts()).toEqual([0, 1]);
    destination.expire(1120);
    expect(counts()).toEqual([0, 1]);
    destination.expire(1121);
    expect(counts()).toEqual([0, 0]);
  });

  test("never below zero, and zero when all is over", () => {
    const step = fc.record({
      half: fc.boolean(),
      lingerS: fc.constantFrom(0, 10, 120),
      kind: fc.constantFrom("active", "inactive"),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const destination = new DestinationState(destinationOf(80));
        let nowS = 0;
        for (const { half, lingerS, kind } of steps) {
          nowS += 7;
          destination.open(kind);
          if (half && kind === "active") destination.deactivate();
          destination.close(half ? "inactive" : kind, lingerS, nowS);
          destination.expire(nowS);
          expect(destination.activeConnections).toBe(0);
          expect(destination.inactiveConnections).toBeGreaterThanOrEqual(0);
        }
        destination.expire(nowS + 121);
        expect(destination.inactiveConnections).toBe(0);
        expect(destination.entry().statistics.connections).toBe(steps.length);
      }),
    );
  });
});

describe("thresholds", () => {
  const limited = (upperThreshold: number, lowerThreshold: number): DestinationState => {
    const destination = new DestinationState(destinationOf(80, { upperThreshold, lowerThreshold }));
    for (let connection = 0; connection < upperThreshold; connection++) destination.open("active");
    return destination;
  };

  test("overloaded from the upper threshold on, until below the lower", () => {
    const destination = limited(4, 2);
    expect(destination.overloaded).toBe(true);
    destination.close("active", 0, 0);
    destination.close("active", 0, 0);
    expect(destination.overloaded).toBe(true);
    destination.close("active", 0, 0);
    expect(destination.overloaded).toBe(false);
  });

  test("without a lower threshold: until below three quarters of the upper", () => {
    const destination = limited(4, 0);
    destination.close("active", 0, 0);
    expect(destination.overloaded).toBe(true);
    destination.close("active", 0, 0);
    expect(destination.overloaded).toBe(false);
  });

  test("closed connections count until they are forgotten", () => {
    const destination = limited(1, 0);
    destination.close("active", 120, 0);
    expect(destination.overloaded).toBe(true);
    destination.expire(120);
    expect(destination.overloaded).toBe(false);
  });

  test("raising or lifting the limit relieves at once, lowering does not", () => {
    const destination = limited(4, 0);
    destination.update(destinationOf(80, { upperThreshold: 3 }));
    expect(destination.overloaded).toBe(true);
    destination.update(destinationOf(80, { upperThreshold: 5 }));
    expect(destination.overloaded).toBe(false);
    const other = limited(4, 0);
    other.update(destinationOf(80));
    expect(other.overloaded).toBe(false);
  });
});
