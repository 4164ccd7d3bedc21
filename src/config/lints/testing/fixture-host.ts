import type { HostFacts } from "../host-facts.ts";

/** The host that the fixtures are linted for. */
export const fixtureHost: HostFacts = {
  addresses: [
    { interface: "lo", address: "127.0.0.1", prefixLength: 8 },
    { interface: "eth0", address: "192.0.2.2", prefixLength: 24 },
  ],
  programs: {},
  users: {},
  fileModes: {},
};
