import fc from "fast-check";
import { expect, test } from "vitest";
import { Moments } from "./moments.ts";

test("gives back the smallest, whatever was added and removed in between", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(50), fc.constant(null)), { maxLength: 200 }), (steps) => {
      const moments = new Moments();
      const model: number[] = [];
      for (const moment of steps) {
        if (moment === null) {
          moments.removeFirst();
          model.shift();
        } else {
          moments.add(moment);
          model.push(moment);
          model.sort((a, b) => a - b);
        }
        expect(moments.first).toBe(model[0] ?? null);
      }
    }),
  );
});
