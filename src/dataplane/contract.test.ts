import { afterAll, beforeAll, describe, test } from "vitest";
import { applicable, type ContractTarget, runCase } from "../../test/contract/contract-case.ts";
import { tableCases } from "../../test/contract/table-cases.ts";
import { userspaceCapabilities } from "./capabilities.ts";
import { connectUserspace } from "./client.ts";
import { type DataPlaneProcess, startDataPlane } from "./testing/data-plane-process.ts";

let plane: DataPlaneProcess;

beforeAll(async () => {
  plane = await startDataPlane();
});
afterAll(() => plane.stop());

const target: ContractTarget = {
  name: "user-space data plane",
  capabilities: userspaceCapabilities,
  place: { inet: "127.0.0.1", inet6: "::1", port: 27_100 },
  open: async () => ({ plane: await connectUserspace(plane.path), client: null }),
};

describe("the contract of every data plane, as far as the capabilities of the user-space one reach", () => {
  for (const each of tableCases.filter((each) => applicable(each, { ...target, whole: false }))) {
    test(each.name, () => runCase(each, target));
  }
});
