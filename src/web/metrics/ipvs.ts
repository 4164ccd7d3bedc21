import { type MetricGroup, perRow, single } from "./metric.ts";
import type { IpvsTotals, Scrape } from "./scrape.ts";

const backend = perRow(
  ["local_address", "local_port", "remote_address", "remote_port", "proto", "local_mark"],
  ({ backends }) => backends,
);
const total = (name: string, help: string, of: keyof IpvsTotals) =>
  single("counter", `node_ipvs_${name}_total`, help, ({ totals }: Scrape) => totals[of]);

/** The names and labels of node_exporter's ipvs collector. */
export const ipvsMetrics: MetricGroup = {
  title: "IPVS, under the names of node_exporter",
  bound: "destinations in the table, those of other programs too",
  metrics: [
    total("connections", "Connections made", "connections"),
    total("incoming_packets", "Packets from clients", "inPackets"),
    total("outgoing_packets", "Packets to clients; none with DR and TUN", "outPackets"),
    total("incoming_bytes", "Octets from clients", "inBytes"),
    total("outgoing_bytes", "Octets to clients; none with DR and TUN", "outBytes"),
    backend(
      "gauge",
      "node_ipvs_backend_connections_active",
      "Active connections",
      (row) => row.destination.activeConnections,
    ),
    backend(
      "gauge",
      "node_ipvs_backend_connections_inactive",
      "Inactive connections",
      (row) => row.destination.inactiveConnections,
    ),
    backend("gauge", "node_ipvs_backend_weight", "Weight in the table", (row) => row.destination.weight),
  ],
};
