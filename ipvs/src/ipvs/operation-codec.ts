import type { TableOperation } from "../table.ts";
import type { CommandAttributes } from "./attributes.ts";
import * as k from "./constants.ts";
import { encodeDestination, encodeDestinationKey } from "./destination-codec.ts";
import { encodeService, encodeServiceKey } from "./service-codec.ts";

const COMMANDS: Record<TableOperation["kind"], number> = {
  "new-service": k.IPVS_CMD_NEW_SERVICE,
  "set-service": k.IPVS_CMD_SET_SERVICE,
  "del-service": k.IPVS_CMD_DEL_SERVICE,
  "new-destination": k.IPVS_CMD_NEW_DEST,
  "set-destination": k.IPVS_CMD_SET_DEST,
  "del-destination": k.IPVS_CMD_DEL_DEST,
};

export function operationCommand(operation: TableOperation): number {
  return COMMANDS[operation.kind];
}

/** Throws NetlinkError `invalid` for what no message can say. */
export function encodeOperation(operation: TableOperation): CommandAttributes {
  switch (operation.kind) {
    case "new-service":
    case "set-service":
      return { service: encodeService(operation.service) };
    case "del-service":
      return { service: encodeServiceKey(operation.key) };
    case "new-destination":
    case "set-destination":
      return { service: encodeServiceKey(operation.key), destination: encodeDestination(operation.destination) };
    case "del-destination":
      return { service: encodeServiceKey(operation.key), destination: encodeDestinationKey(operation.destination) };
  }
}
