import { canMakeNamespaces } from "ipvs-netlink/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FaultLab } from "./faults/fault-lab.ts";
import { everythingUp, networkFaults } from "./faults/faults.ts";

// What the services themselves do wrong, and more of the network: faults.long.test.ts; without a network and beside each other:
// fault-matrix.test.ts in checkers/.
describe.skipIf(!canMakeNamespaces)("every checker, while the way to its server fails", () => {
  let lab: FaultLab;
  let descriptors = 0;

  beforeAll(async () => {
    lab = new FaultLab();
    await lab.begin(1);
    await lab.become(everythingUp);
    descriptors = lab.descriptors();
  });
  afterAll(() => lab.end());

  test.each(networkFaults("1"))("$name: each says so, and is up again when it is mended", async ({ begin, says }) => {
    const mend = await begin(lab);
    await lab.become(says);
    await mend();
    await lab.become(everythingUp);
    // Those of checks that run come on top.
    expect(lab.descriptors()).toBeLessThan(descriptors + 50);
  });
});
