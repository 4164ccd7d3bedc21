/** What can go wrong with a guest, as opposed to inside it. */
export type GuestErrorCode =
  | "kernel-missing" // the kernel has not been unpacked into the checkout
  | "boot-failed" // it ended, or did not come up in time
  | "guest-died" // it ended while jobs were running, or is used after its end
  | "job-timeout" // a job ran longer than its timeoutMs and was killed
  | "job-failed"; // sh() only: the script's status was not 0

export class GuestError extends Error {
  override readonly name = "GuestError";
  readonly code: GuestErrorCode;

  constructor(code: GuestErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
