import { type DestinationEntry, endpointText, type ServiceEntry, type ServiceKey, serviceKeyText } from "ipvs-netlink";
import type { Labels } from "./labels.ts";

/** A destination of the table, with the labels that node_exporter gives it. */
export interface BackendRow {
  readonly labels: Labels;
  readonly destination: DestinationEntry;
}

/** Labels of the last table: destinations are read anew each time, and are mostly the same. */
let remembered = new Map<string, Labels>();

/** Of every service in the table, ours or not, as node_exporter has it. */
export function backendRows(table: readonly ServiceEntry[]): BackendRow[] {
  const now = new Map<string, Labels>();
  const rows: BackendRow[] = [];
  for (const { service, destinations } of table) {
    const local = serviceKeyText(service.key);
    for (const destination of destinations) {
      const name = `${local} ${endpointText(destination)}`;
      const labels = remembered.get(name) ?? backendLabels(service.key, destination);
      now.set(name, labels);
      rows.push({ labels, destination });
    }
  }
  remembered = now;
  return rows;
}

/** What /proc/net/ip_vs has of a firewall mark: eight hexadecimal digits, and no address. */
function backendLabels(key: ServiceKey, { address, port }: DestinationEntry): Labels {
  const isMark = key.kind === "fwmark";
  return {
    local_address: isMark ? "" : key.address,
    local_port: isMark ? "0" : `${key.port}`,
    remote_address: address,
    remote_port: `${port}`,
    proto: isMark ? "FWM" : key.protocol,
    local_mark: isMark ? key.fwmark.toString(16).toUpperCase().padStart(8, "0") : "",
  };
}
