import { expect, test } from "vitest";
import { everyCapability } from "../director/data-plane.ts";
import { unsupported, userspaceCapabilities } from "./capabilities.ts";
import { destinationOf, serviceOf, tcpKey, udpKey } from "./testing/entries.ts";

const persistence = { timeoutS: 50, prefixLength: 32, engine: null };
const fwmark = serviceOf({ kind: "fwmark", family: "inet", fwmark: 4 });

test.each([
  ["a fwmark", fwmark, "EOPNOTSUPP", "fwmark"],
  ["SCTP", serviceOf({ ...tcpKey(80), protocol: "SCTP" }), "EOPNOTSUPP", "SCTP"],
  ["a scheduler that IPVS has", serviceOf(tcpKey(80), { scheduler: "mh" }), "ENOENT", '"mh"'],
  ["a scheduler that nobody has", serviceOf(tcpKey(80), { scheduler: "" }), "ENOENT", '""'],
  ["persistence", serviceOf(tcpKey(80), { persistence }), "EOPNOTSUPP", "persistence"],
  ["every port", serviceOf(tcpKey(0)), "EOPNOTSUPP", "port 0"],
  ["one-packet scheduling", serviceOf(udpKey(53), { onePacket: true }), "EOPNOTSUPP", "ops"],
  ["direct routing", destinationOf(80, { method: "DR" }), "EOPNOTSUPP", "DR"],
  ["tunnels", destinationOf(80, { method: "TUN" }), "EOPNOTSUPP", "TUN"],
  ["local delivery", destinationOf(80, { method: "LOCAL" }), "EOPNOTSUPP", "LOCAL"],
])("the user-space data plane refuses %s by name, IPVS does not", (_what, object, errno, name) => {
  const refusal = unsupported(object, userspaceCapabilities);
  expect(refusal?.errno).toBe(errno);
  expect(refusal?.cause).toContain(name);
  expect(unsupported(object, everyCapability)).toBeNull();
});

test.each(["rr", "wrr", "lc", "wlc", "sh"])(
  "it takes %s for TCP and UDP, with NAT destinations and thresholds",
  (scheduler) => {
    expect(unsupported(serviceOf(tcpKey(80), { scheduler }), userspaceCapabilities)).toBeNull();
    expect(unsupported(serviceOf(udpKey(53, "::1"), { scheduler }), userspaceCapabilities)).toBeNull();
    expect(unsupported(destinationOf(80, { upperThreshold: 10 }), userspaceCapabilities)).toBeNull();
  },
);

test("thresholds are refused where they are not supported", () => {
  const without = { ...userspaceCapabilities, thresholds: false };
  expect(unsupported(destinationOf(80, { upperThreshold: 10 }), without)?.cause).toContain("uthreshold");
});
