import { type NetworkEvent, RtnetlinkClient, RtnetlinkMonitor } from "ipvs-netlink";
import { bufferOptions, type NetlinkBuffers } from "../../config/process-model.ts";
import type { NetworkPlane } from "./network-plane.ts";

/** The network namespace of this process, or the one that `netns` names. Throws NetlinkError. */
export function kernelNetwork(
  netns?: string,
  { command, monitor: told }: NetlinkBuffers = { command: null, monitor: null },
): NetworkPlane {
  const client = RtnetlinkClient.open({ netns, ...bufferOptions(command) });
  return {
    list: (routeProtocols) => ({
      links: client.links(),
      addresses: client.addresses(),
      routes: routeProtocols.flatMap((protocol) => client.routes({ protocol })),
      rules: client.rules(),
    }),
    apply: (operations) => client.apply(operations),
    watch(routeProtocols, onEvents) {
      let closed = false;
      let monitor = open();
      function open(): RtnetlinkMonitor {
        return RtnetlinkMonitor.open({
          netns,
          ...bufferOptions(told),
          about: ["link", "address", "route", "rule"],
          routeProtocols,
          onEvents: (events) => {
            const others = events.filter((event) => event.kind === "resync" || !isOwn(event, client.portId));
            if (others.length > 0) onEvents(others);
          },
          // The socket is gone: open another and look at everything again.
          onError: () => {
            if (closed) return;
            monitor = open();
            onEvents([{ kind: "resync" }]);
          },
        });
      }
      return {
        close: () => {
          closed = true;
          monitor.close();
        },
      };
    },
    close: () => client.close(),
  };
}

function isOwn(event: Exclude<NetworkEvent, { kind: "resync" }>, portId: number): boolean {
  // A link that we set up or down still changes what can be on it.
  return event.by === portId && !event.kind.startsWith("link");
}
