import { RtnetlinkMonitor } from "ipvs-netlink";
import type { Logger } from "../../log/logger.ts";

/** Logs every address that comes to an interface of this machine and goes, whoever does it (-a). The answer ends that. */
export function logAddresses(log: Logger): () => void {
  const monitor = RtnetlinkMonitor.open({
    about: ["address"],
    onEvents: (events) => {
      for (const event of events) {
        if (event.kind !== "address" && event.kind !== "address-gone") continue;
        const { address, prefixLength, interface: index } = event.address;
        const what = event.kind === "address" ? "added to" : "deleted from";
        log.info(`address ${address}/${prefixLength} ${what} interface ${index}`);
      }
    },
    onError: ({ message }) => log.warning(`addresses are not logged any more: ${message}`),
  });
  return () => monitor.close();
}
