import fc from "fast-check";
import { endpointText } from "ipvs-netlink";
import { expect, test } from "vitest";
import { finderByEndpoint } from "./find-by-endpoint.ts";

const endpoints = fc.record({
  address: fc.constantFrom("10.0.0.1", "10.0.0.2", "2001:db8::1"),
  port: fc.integer({ min: 1, max: 4 }),
});

test("finds every member wherever it is first looked for, and nothing else", () => {
  const lists = fc.uniqueArray(endpoints, { selector: endpointText });
  fc.assert(
    fc.property(lists, endpoints, fc.integer({ min: -1, max: 12 }), (list, endpoint, index) => {
      const wanted = list.find((one) => endpointText(one) === endpointText(endpoint));
      expect(finderByEndpoint(list)(endpoint, index)).toBe(wanted);
    }),
  );
});
