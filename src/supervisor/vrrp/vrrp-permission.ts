import { errnoName, native } from "ipvs-netlink";
import type { VrrpModel } from "../../config/vrrp-model.ts";
import { AF_PACKET, SOCK_RAW } from "../../sockets/socket-options.ts";
import { needsVrrp } from "../what-runs.ts";

/** VRRP has no permission for its sockets; `hint` says what to do about it. */
export class VrrpNotPermitted extends Error {
  readonly code = "vrrp-not-permitted";
  readonly hint =
    "Run as root or with CAP_NET_RAW and CAP_NET_ADMIN, in a container and a systemd unit, too; or without VRRP (-C).";
  constructor() {
    super("not permitted to send VRRP adverts: CAP_NET_RAW is missing");
  }
}

/**
 * Tries for the VRRP process what it cannot do without: it would end over it again and again.
 * @throws VrrpNotPermitted
 */
export function expectVrrpPermitted(vrrp: VrrpModel): void {
  if (!needsVrrp(vrrp)) return;
  const answer = native().socket(AF_PACKET, SOCK_RAW, 0);
  if (answer >= 0) native().close(answer);
  else if (errnoName(-answer) === "EPERM") throw new VrrpNotPermitted();
}
