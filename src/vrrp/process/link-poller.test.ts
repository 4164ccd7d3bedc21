import { native } from "ipvs-netlink";
import { addVethPair, canMakeNamespaces, makeNamespace } from "ipvs-netlink/testing";
import { afterEach, describe, expect, test, vi } from "vitest";
import { AF_INET, SOCK_DGRAM } from "../../sockets/socket-options.ts";
import { askLink, type LinkMethod } from "./ask-link.ts";
import { LinkPoller } from "./link-poller.ts";

const opened: LinkPoller[] = [];
afterEach(() => {
  for (const poller of opened.splice(0)) poller.close();
});

/** Links by "name method". */
function poller(links: Map<string, boolean>, asked: string[] = []): { poller: LinkPoller; changes: () => number } {
  const onChange = vi.fn();
  const ask = (name: string, method: LinkMethod) => {
    asked.push(`${name} ${method}`);
    return links.get(`${name} ${method}`) ?? null;
  };
  const made = new LinkPoller(onChange, ask);
  opened.push(made);
  return { poller: made, changes: () => onChange.mock.calls.length };
}

describe("the poller of links", () => {
  test("asks in keepalived's order, the wanted method first, until one answers", () => {
    const asked: string[] = [];
    const links = new Map([
      ["eth0 ETHTOOL", true],
      ["eth1 MII", false],
    ]);
    const { poller: asking } = poller(links, asked);
    asking.configure(
      new Map([
        ["eth0", null],
        ["eth1", "IOCTL"],
        ["eth2", null],
      ]),
    );
    const all = ["eth2 MII", "eth2 ETHTOOL", "eth2 IOCTL"];
    expect(asked).toEqual(["eth0 MII", "eth0 ETHTOOL", "eth1 IOCTL", "eth1 MII", ...all]);
    expect(["eth0", "eth1", "eth2", "eth3"].map((name) => asking.hasLink(name))).toEqual([true, false, null, null]);
  });

  test("tells a change, and nothing else", () => {
    const links = new Map([["eth0 MII", true]]);
    const { poller: asking, changes } = poller(links);
    asking.configure(new Map([["eth0", null]]));
    asking.poll();
    expect(changes()).toBe(0);
    links.set("eth0 MII", false);
    asking.poll();
    asking.poll();
    expect(changes()).toBe(1);
    expect(asking.hasLink("eth0")).toBe(false);
    asking.configure(new Map());
    expect(asking.hasLink("eth0")).toBeNull();
  });
});

test.skipIf(!canMakeNamespaces)("what drivers say of a cable, of interfaces without one, and of none", () => {
  const namespace = makeNamespace();
  addVethPair(namespace, "eth0", "peer0");
  const fd = native().socketInNamespace(namespace.path, AF_INET, SOCK_DGRAM, 0);
  try {
    const answers = (name: string) => (["MII", "ETHTOOL", "IOCTL"] as const).map((method) => askLink(fd, name, method));
    // A cable of veth has no PHY.
    expect(answers("eth0")).toEqual([null, true, true]);
    namespace.ip("link set peer0 down");
    expect(answers("eth0")).toEqual([null, false, false]);
    expect(answers("gone0")).toEqual([null, null, null]);
    expect(() => askLink(fd, "longer-than-any-name", "MII")).toThrow(RangeError);
  } finally {
    native().close(fd);
    namespace.delete();
  }
});
