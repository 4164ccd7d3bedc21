import { type Link, NetlinkError, type NetworkEvent } from "ipvs-netlink";
import { expect, test } from "vitest";
import { link } from "../addresses/testing/samples.ts";
import { Interfaces } from "./interfaces.ts";

test("what was known counts on while no list comes about, which is tried again until one does", () => {
  let links: readonly Link[] | Error = [link(2, "eth0")];
  const timers: (() => void)[] = [];
  let changes = 0;
  const interfaces = new Interfaces({
    list: () => {
      if (links instanceof Error) throw links;
      return { links, addresses: [] };
    },
    forwardsIpv6: () => false,
    hasLink: () => null,
    setTimer: (callback) => {
      timers.push(callback);
      return () => timers.splice(timers.indexOf(callback), 1);
    },
    onChange: () => {
      changes++;
    },
  });
  interfaces.refresh();
  expect(interfaces.stateOf("eth0")).toBe("up");

  links = new NetlinkError("dump-interrupted", "the table changed while it was listed", "EINTR");
  interfaces.refresh();
  interfaces.refresh();
  expect(interfaces.stateOf("eth0")).toBe("up");
  expect(timers).toHaveLength(1);
  timers.shift()?.();
  expect(timers).toHaveLength(1);

  links = [];
  timers.shift()?.();
  expect(interfaces.stateOf("eth0")).toBe("missing");
  expect([timers.length, changes]).toEqual([0, 2]);

  links = new NetlinkError("system-call", "no memory", "ENOMEM");
  interfaces.refresh();
  interfaces.close();
  expect(timers).toEqual([]);

  links = new TypeError("a fault of ours");
  expect(() => interfaces.refresh()).toThrow("a fault of ours");
});

test("an interface has another life once it was removed, and where nobody knows whether it was", () => {
  const eth0 = link(2, "eth0");
  const interfaces = new Interfaces({
    list: () => ({ links: [eth0], addresses: [] }),
    forwardsIpv6: () => false,
    hasLink: () => null,
    setTimer: () => () => {},
    onChange: () => {},
  });
  const lives = [
    [],
    [{ kind: "link-gone", link: link(3, "eth1") }],
    [{ kind: "link-gone", link: eth0 }],
    [{ kind: "resync" }],
  ].map((events) => {
    interfaces.removed(events as readonly NetworkEvent[]);
    return interfaces.lifeOf(eth0);
  });
  expect(lives).toEqual([0, 0, 1, 2]);
});
