import fc from "fast-check";
import { expect, test } from "vitest";
import type { VrrpInstance, VrrpModel } from "../../config/vrrp-model.ts";
import { instance } from "../../vrrp/machine/testing/samples.ts";
import { lastAdverts, leftMasters, parseLeftMasters } from "./left-masters.ts";

const modelOf = (...instances: VrrpInstance[]) => ({ instances }) as unknown as VrrpModel;
const [first, second] = [instance({ name: "A" }), instance({ name: "B", virtualRouterId: 52 })];

test("masters go on, backups do not", () => {
  const left = leftMasters(["A"], modelOf(first, second), ({ advertMs }) => 5000 - advertMs);
  expect(lastAdverts(parseLeftMasters(JSON.parse(JSON.stringify(left))), modelOf(first, second))).toEqual(
    new Map([["A", 5000 - first.advertMs]]),
  );
});

test("one that is another virtual router by now does not, whatever its name; another priority makes no other", () => {
  const left = leftMasters(["A", "B"], modelOf(first, second), () => 7);
  const now = modelOf({ ...first, interface: "eth9" }, { ...second, basePriority: 7 });
  expect(lastAdverts(left, now)).toEqual(new Map([["B", 7]]));
  expect(lastAdverts(left, modelOf())).toEqual(new Map());
});

test("what we would not have written is refused in words", () => {
  for (const content of [
    null,
    {},
    [1],
    [{ instance: "A", advertMs: 1 }],
    [{ instance: "A", identity: "", advertMs: "1" }],
  ]) {
    expect(() => parseLeftMasters(content)).toThrow(/no list of masters|not a master/);
  }
  fc.assert(
    fc.property(fc.jsonValue(), (content) => {
      try {
        parseLeftMasters(content);
      } catch (error) {
        expect((error as Error).message).toMatch(/no list of masters|not a master/);
      }
    }),
  );
});
