/** Why a packet cannot be built. All of these are excluded by the configuration's checks. */
export type PacketErrorCode = "no-room" | "address" | "advert-interval" | "too-many-addresses";

export class PacketError extends Error {
  override readonly name = "PacketError";
  readonly code: PacketErrorCode;

  constructor(code: PacketErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
