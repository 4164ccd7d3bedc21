import { describe, expect, test } from "vitest";
import { noContext, readConfig, understand } from "../../config/parse-config.ts";
import type { VrrpInstance } from "../../config/vrrp-model.ts";
import { receiveBufferOctets } from "./receive-buffer.ts";

function instance(settings: string, addresses: string): VrrpInstance {
  const text = `vrrp_instance A {\ninterface eth0\nvirtual_router_id 1\n${settings}\nvirtual_ipaddress {\n${addresses}\n}\n}\n`;
  return understand(readConfig(text, "x.conf", noContext), "x.conf").vrrp.instances[0] as VrrpInstance;
}

const two = instance("version 2", "192.0.2.1\n192.0.2.2");
const six = instance("version 3", "fe80::1\n2001:db8::1");

describe("receiveBufferOctets", () => {
  test("a number of octets is just that, however many share the socket", () => {
    expect(receiveBufferOctets({ policy: "octets", octets: 9000 }, [two, two], 1500)).toBe(9000);
  });

  test("by the MTU: as many packets of each instance", () => {
    expect(receiveBufferOctets({ policy: "MTU", multiplier: 5 }, [two, six], 9000)).toBe(2 * 9000 * 5);
    expect(receiveBufferOctets({ policy: "MTU", multiplier: 3 }, [two], null)).toBe(4500);
  });

  test.each([
    // IP header, VRRP header, addresses, password field.
    ["version 2", two, 20 + 8 + 8 + 8],
    ["version 3", instance("version 3", "192.0.2.1"), 20 + 8 + 4],
    ["version 3 over IPv6", six, 40 + 8 + 32],
    ["with AH", instance("authentication {\nauth_type AH\nauth_pass x\n}", "192.0.2.1"), 20 + 24 + 8 + 4 + 8],
  ])("by the advert: %s", (_what, each, octets) => {
    expect(receiveBufferOctets({ policy: "ADVERT", multiplier: 3 }, [each], 1500)).toBe(3 * octets);
  });
});
