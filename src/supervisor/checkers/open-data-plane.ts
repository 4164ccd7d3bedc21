import { IpvsClient, NetlinkError } from "ipvs-netlink";
import { type BufferSize, bufferOptions } from "../../config/process-model.ts";
import { type DataPlane, everyCapability } from "../../director/data-plane.ts";
import { namespaceIdentity } from "../program/namespace-identity.ts";
import type { RunDir } from "../program/run-dir.ts";

export const dataPlaneNames = ["ipvs", "userspace"] as const;
export type DataPlaneName = (typeof dataPlaneNames)[number];

/** The data plane cannot be used; `hint` says what to do about it. */
export class DataPlaneUnavailable extends Error {
  readonly code = "data-plane-unavailable";
  readonly hint: string;
  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

export interface OpenDataPlane {
  readonly dataPlane: DataPlane;
  /**
   * Names this very table: another namespace's, or another process's, has another. Records of a predecessor are valid for it
   * only. Asked at each use, as a data plane of ours may have been restarted.
   */
  readonly identity: () => string;
}

/**
 * Opens the data plane and proves that it answers. `buffer` is for what the kernel answers, `netns` the path of the namespace
 * of the kernel's table, null for the own one. `loadModule` is asked once where the kernel has no IPVS, and says whether it has by then.
 * @throws DataPlaneUnavailable
 */
export async function openDataPlane(
  name: DataPlaneName,
  { dataplaneSocket }: RunDir,
  buffer: BufferSize | null = null,
  netns: string | null = null,
  loadModule: () => Promise<boolean> = async () => false,
): Promise<OpenDataPlane> {
  try {
    if (name === "userspace") {
      // Loaded when needed: a director on IPVS carries nothing of it.
      const { connectUserspace } = await import("../../dataplane/client.ts");
      const dataPlane = await connectUserspace(dataplaneSocket).catch((error: Error) => {
        throw new DataPlaneUnavailable(error.message, "Its process is being restarted: see the log.");
      });
      return { dataPlane, identity: () => dataPlane.identity };
    }
    const open = () => openIpvs({ ...bufferOptions(buffer), ...(netns === null ? {} : { netns }) });
    const client = await open().catch(async (error: unknown) => {
      if (error instanceof NetlinkError && error.code === "family-absent" && (await loadModule())) return open();
      throw error;
    });
    const identity = namespaceIdentity(netns);
    return { dataPlane: ipvsDataPlane(client), identity: () => identity };
  } catch (error) {
    throw error instanceof NetlinkError ? unavailable(error) : error;
  }
}

async function openIpvs(options: Parameters<typeof IpvsClient.open>[0]): Promise<IpvsClient> {
  const client = await IpvsClient.open(options);
  await client.info();
  return client;
}

function ipvsDataPlane(client: IpvsClient): DataPlane {
  return {
    name: "ipvs",
    capabilities: everyCapability,
    control: client,
    dump: () => client.dump(),
    read: (keys) => client.read(keys),
    apply: (operations) => client.apply(operations),
    close: () => client.close(),
  };
}

function unavailable(error: NetlinkError): DataPlaneUnavailable {
  const alternative = 'to balance without the kernel\'s IPVS, add "--dataplane userspace"';
  if (error.code === "family-absent") {
    return new DataPlaneUnavailable(
      "this kernel has no IPVS: the generic netlink family is not registered",
      `Run "modprobe ip_vs" (Debian: the module is in the linux-image package), or ${alternative}.`,
    );
  }
  if (error.errno === "EPERM" || error.errno === "EACCES") {
    return new DataPlaneUnavailable(
      "not permitted to use IPVS: CAP_NET_ADMIN is missing",
      `Run as root or with CAP_NET_ADMIN, or ${alternative}.`,
    );
  }
  return new DataPlaneUnavailable(`IPVS cannot be used: ${error.message}`, `Mend that, or ${alternative}.`);
}
