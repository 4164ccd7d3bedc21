import { expect, test } from "vitest";
import { type AddressEvent, describeAddressEvent } from "./address-event.ts";

test("every event has a sentence that names what it is about", () => {
  const object = "address 192.0.2.50/32 dev eth0";
  const events: AddressEvent[] = [
    { type: "restored", holder: "VI_1", object },
    { type: "left_away", holder: "VI_1", object },
    { type: "withdrawn", object },
    { type: "cleaned", object },
    { type: "refused", object, message: "EPERM" },
    { type: "interface_missing", holder: "VI_1", interface: "eth0", object },
    { type: "interface_found", holder: "VI_1", interface: "eth0", object },
    { type: "group_lost", group: "uplinks", objects: [object, "rule from 192.0.2.0/24"] },
    { type: "group_whole", group: "uplinks" },
    { type: "network_unavailable", message: "EPERM" },
    { type: "record_failed", call: "write", file: "/run/lbctl/addresses.json", message: "ENOSPC" },
  ];
  expect(events.map(describeAddressEvent)).toMatchInlineSnapshot(`
    [
      "vrrp VI_1: address 192.0.2.50/32 dev eth0 was taken away by somebody else and is back",
      "vrrp VI_1: address 192.0.2.50/32 dev eth0 was taken away by somebody else and stays away (no_track)",
      "address 192.0.2.50/32 dev eth0 is no longer configured, and is removed",
      "address 192.0.2.50/32 dev eth0 was left over or put there by somebody else, and is removed: nobody here is master for it",
      "address 192.0.2.50/32 dev eth0 is refused: EPERM",
      "vrrp VI_1: address 192.0.2.50/32 dev eth0 waits for the interface eth0, which does not exist",
      "vrrp VI_1: the interface eth0 of address 192.0.2.50/32 dev eth0 is there now",
      "track_group uplinks lacks address 192.0.2.50/32 dev eth0, rule from 192.0.2.0/24: its instances are in fault",
      "track_group uplinks has all that it watches again",
      "the kernel's addresses cannot be read or written: EPERM",
      "the record /run/lbctl/addresses.json cannot be written: ENOSPC",
    ]
  `);
});
