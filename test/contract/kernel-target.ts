import type { ContractPlace } from "./contract-case.ts";

/** Nothing listens here: IPVS takes packets, not sockets. */
export const kernelPlace: ContractPlace = { inet: "192.0.2.1", inet6: "2001:db8::1", port: 8000 };
