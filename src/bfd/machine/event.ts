import type { ControlPacket } from "../packet/control-packet.ts";
import type { SessionSettings } from "./session.ts";

export type SessionEvent =
  | { readonly type: "packet"; readonly packet: ControlPacket }
  /** Time has passed: what is due is done. */
  | { readonly type: "tick" }
  | { readonly type: "reconfigure"; readonly settings: SessionSettings }
  /** It is taken down for good: the neighbour is told. */
  | { readonly type: "shutdown" };
