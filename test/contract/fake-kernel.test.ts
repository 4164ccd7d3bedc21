import { IpvsClient } from "ipvs-netlink";
import { FakeKernel } from "ipvs-netlink/fake";
import { ipvsContract } from "./ipvs-contract.ts";
import { kernelCapabilities, kernelPlace } from "./kernel-target.ts";

const kernel = new FakeKernel();

ipvsContract(
  {
    name: "the fake kernel",
    capabilities: kernelCapabilities,
    place: kernelPlace,
    async open() {
      const client = await IpvsClient.open({ transport: kernel.open() });
      return { plane: client, client };
    },
  },
  { whole: true },
);
