import { isIP } from "node:net";

/**
 * Whether a request is for this machine by the name it gives. What listens on the loopback address must not answer a web page elsewhere
 * whose name was made to point here (DNS rebinding): then it is named by an address, or as localhost. Pure.
 */
export function isAllowedHost(host: string | undefined, listensOn: string): boolean {
  if (listensOn !== "::1" && !listensOn.startsWith("127.")) return true;
  const name = (host ?? "").replace(/:\d+$/, "").toLowerCase();
  const bare = /^\[(.*)\]$/.exec(name)?.[1] ?? name;
  return isIP(bare) !== 0 || bare === "localhost" || bare.endsWith(".localhost");
}
