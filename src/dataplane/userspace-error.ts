/** Closed set of what a call to the user-space data plane fails with; what it refuses of the table is in the results instead. */
export type UserspaceErrorCode =
  /** Nobody listens on the socket, or it may not be opened. */
  | "unreachable"
  /** It went away, or did not answer in time, during the call: whether an apply took effect is not known. */
  | "connection-lost"
  | "version"
  /** It did not understand, or was not understood. */
  | "protocol"
  | "closed";

export class UserspaceError extends Error {
  readonly code: UserspaceErrorCode;
  constructor(code: UserspaceErrorCode, message: string) {
    super(message);
    this.name = "UserspaceError";
    this.code = code;
  }
}
