/** A process that takes everything of the holdings it is given, says so, and waits to be killed. */
import { systemClock } from "../../../director/system-clock.ts";
import { AddressOwner } from "../address-owner.ts";
import { addressRecord } from "../file-record.ts";
import type { Holding } from "../holding.ts";
import { kernelNetwork } from "../kernel-network.ts";

const [runDir = "", json = "[]"] = process.argv.slice(2);
const holdings = JSON.parse(json) as Holding[];
const owner = new AddressOwner({
  network: kernelNetwork(),
  record: addressRecord(runDir, "test"),
  clock: systemClock,
  onEvents: () => {},
});
await owner.configure(holdings);
for (const { holder } of holdings) owner.take(holder);
console.log("taken");
