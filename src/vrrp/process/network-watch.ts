import { type NetworkEvent, RtnetlinkMonitor } from "ipvs-netlink";
import { bufferOptions, type NetlinkBuffers } from "../../config/process-model.ts";

/** Hears of links and addresses; a monitor that was overrun is opened again, and all is to be looked at. */
export class NetworkWatch {
  #monitor: RtnetlinkMonitor;

  constructor(buffer: NetlinkBuffers["monitor"], onEvents: (events: readonly NetworkEvent[]) => void) {
    const open = (): RtnetlinkMonitor =>
      RtnetlinkMonitor.open({
        ...bufferOptions(buffer),
        about: ["link", "address"],
        onEvents,
        onError: () => {
          this.#monitor = open();
          onEvents([{ kind: "resync" }]);
        },
      });
    this.#monitor = open();
  }

  close(): void {
    this.#monitor.close();
  }
}
