import type { NetworkEvent } from "ipvs-netlink";
import { expect, test } from "vitest";
import { ManualTime } from "../../director/testing/manual-time.ts";
import { MemoryRecord } from "../../director/testing/memory-records.ts";
import { AddressOwner } from "./address-owner.ts";
import type { OwnershipRecord } from "./ownership-record.ts";
import { holding, link, virtualAddress } from "./testing/samples.ts";

test("what is refused is tried again after a second, and keeps nobody from looking before", async () => {
  const time = new ManualTime();
  let looks = 0;
  let tell: (events: readonly NetworkEvent[]) => void = () => {};
  const owner = new AddressOwner({
    network: {
      list: () => {
        looks++;
        return { links: [link(2, "eth0")], addresses: [], routes: [], rules: [] };
      },
      apply: (operations) => operations.map(() => ({ ok: false, errno: "EPERM", message: "not permitted" })),
      watch: (_, onEvents) => {
        tell = onEvents;
        return { close: () => {} };
      },
      close: () => {},
    },
    record: new MemoryRecord<OwnershipRecord>("/run/lbctl/addresses.json"),
    clock: time,
    onEvents: () => {},
  });
  const looksWithin = async (ms: number) => {
    const before = looks;
    await time.advance(ms);
    return looks - before;
  };
  await owner.configure([holding("VI_1", { addresses: [virtualAddress("192.0.2.50/24")] })]);
  owner.take("VI_1");
  const each = await looksWithin(1);
  expect(each).toBeGreaterThan(0);
  expect(await looksWithin(900)).toBe(0);
  tell([{ kind: "link", link: link(2, "eth0"), by: 0 }]);
  expect(await looksWithin(1)).toBe(each);
  // And from then on after a second again.
  expect(await looksWithin(900)).toBe(0);
  expect(await looksWithin(100)).toBe(each);
  await owner.stop({ keep: true });
});
