import { canMakeNamespaces } from "ipvs-netlink/testing";
import { afterAll, beforeAll, describe, test } from "vitest";
import { FaultLab } from "./faults/fault-lab.ts";
import { everythingUp, furtherNetworkFaults, networkFaults, serviceFaults } from "./faults/faults.ts";

describe.skipIf(!canMakeNamespaces)("every checker, and everything that can go wrong", () => {
  let lab: FaultLab;

  beforeAll(async () => {
    lab = new FaultLab();
    // Enough to see drops of one octet a second.
    await lab.begin(5);
    await lab.become(everythingUp);
  });
  afterAll(() => lab.end());

  const faults = [...networkFaults("5"), ...furtherNetworkFaults("5"), ...serviceFaults("5")];
  test.each(faults)("$name: each says so, and is up again when it is mended", async ({ begin, says }) => {
    const mend = await begin(lab);
    await lab.become(says);
    await mend();
    await lab.become(everythingUp);
  });
});
