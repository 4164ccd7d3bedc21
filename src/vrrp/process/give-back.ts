import type { VrrpModel } from "../../config/vrrp-model.ts";
import { systemClock } from "../../director/system-clock.ts";
import { type AddressEvent, describeAddressEvent } from "../addresses/address-event.ts";
import { AddressOwner } from "../addresses/address-owner.ts";
import { addressRecord } from "../addresses/file-record.ts";
import { holdingsOf } from "../addresses/holdings-of.ts";
import { kernelNetwork } from "../addresses/kernel-network.ts";
import { planLinks } from "../links/planned-link.ts";
import { addressSeverity } from "./network-severity.ts";
import type { VrrpProcessOptions } from "./vrrp-process.ts";

/**
 * Takes away the addresses, routes and rules of instances whose process is gone. What else there is stays: that of other instances,
 * for a process that goes on as master of them, and what is there on a backup, too (VMACs, filter rules, static addresses). The
 * caller has the writer lock. Rejects when something is left.
 */
export async function giveBack(
  model: VrrpModel,
  instances: readonly string[],
  { runDir, identity, buffers, onLog }: Pick<VrrpProcessOptions, "runDir" | "identity" | "buffers" | "onLog">,
): Promise<void> {
  const failures: string[] = [];
  const owner = new AddressOwner({
    network: kernelNetwork(undefined, buffers),
    record: addressRecord(runDir, identity),
    clock: systemClock,
    onEvents: (events) => {
      for (const event of events) {
        const message = describeAddressEvent(event);
        onLog(addressSeverity[event.type], message);
        if (fails(event)) failures.push(message);
      }
    },
  });
  const holdings = holdingsOf(model, planLinks(model.instances, model.globals));
  try {
    await owner.configure(holdings, (holder) => !instances.includes(holder));
  } finally {
    await owner.stop({ keep: true });
  }
  if (failures.length > 0) throw new Error(failures.join("; "));
}

function fails({ type }: AddressEvent): boolean {
  return type === "refused" || type === "network_unavailable";
}
