import type { Phase, Reason } from "../verdict.ts";

type LocalCall = Extract<Reason, { kind: "local" }>["call"];

/** An error of Node's, or what the addon says of one. */
type SocketError = NodeJS.ErrnoException | { readonly code: string; readonly syscall: string };

/** Why an exchange ended, from the error of a socket. `afterMs` is the time since the exchange began. */
export function reasonOf(error: SocketError, phase: Phase, afterMs: number): Reason {
  const errno = error.code ?? "UNKNOWN";
  switch (errno) {
    case "ECONNREFUSED":
      return { kind: "refused" };
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "ENETDOWN":
    case "EHOSTDOWN":
    case "ENONET":
      return { kind: "unreachable", errno };
    case "ECONNRESET":
    case "ECONNABORTED":
    case "EPIPE":
      return { kind: "reset", phase };
    // The kernel gave up before our deadline (tcp_syn_retries, tcp_retries2).
    case "ETIMEDOUT":
      return { kind: "deadline", phase, afterMs: Math.round(afterMs) };
    // What node:net throws for arguments the kernel would answer with EINVAL.
    case "ERR_INVALID_IP_ADDRESS":
    case "ERR_SOCKET_BAD_PORT":
    case "ERR_INVALID_ARG_TYPE":
    case "ERR_INVALID_ARG_VALUE":
      return { kind: "local", errno: "EINVAL", call: "connect" };
    // Node makes the socket when it connects, and says that it was connecting.
    case "EMFILE":
    case "ENFILE":
      return { kind: "local", errno, call: "socket" };
    default:
      return { kind: "local", errno, call: localCall(error.syscall) };
  }
}

function localCall(syscall: string | undefined): LocalCall {
  return syscall === "bind" || syscall === "socket" || syscall === "setsockopt" || syscall === "send"
    ? syscall
    : "connect";
}
