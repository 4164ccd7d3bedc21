import { describe, expect, test } from "vitest";
import type { VirtualServerStatus } from "../control/status-document.ts";
import { lostQuorum } from "./lost-quorum.ts";
import { document, real, virtual } from "./testing/status-document.ts";

const two = [real(1, { effective_weight: 2 }), real(2, { effective_weight: 1 })];
const sorry_server = { address: "10.0.0.99", port: 80, lvs_method: "NAT", in_service: false };
const quorumOf = (change: Partial<VirtualServerStatus["quorum"]>) => ({
  ...{ needed: 1, hysteresis: 0, weight_up: 3, met: true },
  ...change,
});

describe("what is lost without some real servers", () => {
  test.each<[string, readonly string[], Partial<VirtualServerStatus>, readonly string[]]>([
    ["nothing while another is live", ["10.0.0.1:80"], {}, []],
    [
      "all with the last",
      ["10.0.0.1:80", "10.0.0.2:80"],
      {},
      ["web loses its quorum by that (live weight 0 of 1), and it has no sorry server"],
    ],
    [
      "a quorum that is more than one",
      ["10.0.0.1:80"],
      { quorum: quorumOf({ needed: 2 }), sorry_server },
      ["web loses its quorum by that (live weight 1 of 2), its sorry server takes over"],
    ],
    ["nothing within the hysteresis", ["10.0.0.1:80"], { quorum: quorumOf({ needed: 2, hysteresis: 1 }) }, []],
    ["nothing that was lost before", ["10.0.0.1:80"], { quorum: quorumOf({ needed: 5, met: false }) }, []],
    ["nothing with one that is not live", ["10.0.0.3:80"], { quorum: quorumOf({ needed: 3 }) }, []],
  ])("%s", (_, taken, change, said) => {
    const status = document([virtual({ real_servers: two, ...change })]);
    expect(lostQuorum(status, taken, null)).toEqual(said);
    expect(lostQuorum(status, taken, "api")).toEqual([]);
  });
});
