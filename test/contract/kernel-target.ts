import type { Capabilities } from "../../src/director/data-plane.ts";
import type { ContractPlace } from "./contract-case.ts";

/** IPVS holds everything. */
export const kernelCapabilities: Capabilities = {
  protocols: null,
  methods: null,
  schedulers: null,
  fwmark: true,
  persistence: true,
  onePacket: true,
  thresholds: true,
};

/** Nothing listens here: IPVS takes packets, not sockets. */
export const kernelPlace: ContractPlace = { inet: "192.0.2.1", inet6: "2001:db8::1", port: 8000 };
