/** Exit statuses of every lbctl command. Closed: docs/exit-codes.md lists them for scripts. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  configInvalid: 3,
  configUnreadable: 4,
  daemonUnreachable: 5,
  noPermission: 6,
  dataPlaneUnavailable: 7,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
