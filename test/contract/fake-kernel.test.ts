import { IpvsClient } from "ipvs-netlink";
import { FakeKernel } from "ipvs-netlink/fake";
import { everyCapability } from "../../src/director/data-plane.ts";
import { ipvsContract } from "./ipvs-contract.ts";
import { kernelPlace } from "./kernel-target.ts";

const kernel = new FakeKernel();

ipvsContract(
  {
    name: "the fake kernel",
    capabilities: everyCapability,
    place: kernelPlace,
    async open() {
      const client = await IpvsClient.open({ transport: kernel.open() });
      return { plane: client, client };
    },
  },
  { whole: true },
);
