import type { AddressFamily } from "ipvs-netlink";
import type { WrittenVrrpInstance } from "../../keywords/table.ts";
import type { Path } from "../../locate.ts";
import type { InstanceLink } from "../../vrrp-model.ts";
import type { VrrpContext } from "./context.ts";

/** The VMAC or ipvlan of an instance. */
export function expandLink(
  written: WrittenVrrpInstance,
  family: AddressFamily,
  strict: boolean,
  path: Path,
  { problems }: VrrpContext,
): InstanceLink | null {
  const { use_vmac: vmac, use_ipvlan: ipvlan } = written;
  const link = vmac === undefined ? "use_ipvlan" : "use_vmac";
  if (vmac !== undefined && ipvlan !== undefined) {
    const message = "use_vmac and use_ipvlan exclude each other";
    problems.push({ path: [...path, "use_ipvlan"], code: "conflicting-keywords", message, hint: "keep one of them" });
  }
  if ((vmac ?? ipvlan) !== undefined && written.interface === undefined) {
    const message = `${link} needs an interface to be made on`;
    problems.push({ path: [...path, link], code: "missing-keyword", message, hint: "add interface" });
  }
  if (vmac === undefined && written.vmac_xmit_base === true) {
    const message = "vmac_xmit_base changes nothing without use_vmac";
    problems.push({ path: [...path, "vmac_xmit_base"], code: "no-effect", message });
  }
  if (vmac !== undefined)
    return {
      kind: "vmac",
      interface: vmac.interface,
      mac: macOf(vmac.mac, written),
      xmitBase: xmitBase(written, strict, path, problems),
    };
  if (ipvlan === undefined) return null;
  if (ipvlan.address === null && family === "inet") {
    const message = "an ipvlan needs an IPv4 address of its own to send from";
    problems.push({
      path: [...path, "use_ipvlan"],
      code: "missing-value",
      message,
      hint: 'write "use_ipvlan 192.0.2.9"',
    });
  }
  return { kind: "ipvlan", ...ipvlan };
}

/** Five octets are completed by the VRID. */
function macOf(mac: string | null, { virtual_router_id: vrid }: WrittenVrrpInstance): string | null {
  if (mac === null || mac.length === 17) return mac;
  return `${mac}:${vrid.toString(16).padStart(2, "0")}`;
}

function xmitBase(
  { vmac_xmit_base: wanted = false, unicast_peer: peers = [] }: WrittenVrrpInstance,
  strict: boolean,
  path: Path,
  problems: VrrpContext["problems"],
): boolean {
  const at = [...path, wanted ? "vmac_xmit_base" : "use_vmac"];
  if (peers.length > 0) {
    if (!wanted) {
      const message = "unicast goes over the interface below the VMAC: vmac_xmit_base is taken as set";
      problems.push({ path: at, code: "corrected-setting", message, hint: "add vmac_xmit_base" });
    }
    return true;
  }
  return wanted && !strict;
}
