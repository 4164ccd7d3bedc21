/** What happened to addresses, routes and rules. Each has a sentence in `describeAddressEvent`. */
export type AddressEvent =
  /** Something that somebody else took away is back. */
  | { readonly type: "restored"; readonly holder: string; readonly object: string }
  /** no_track: somebody else took it away, and it stays away until the holder is master again. */
  | { readonly type: "left_away"; readonly holder: string; readonly object: string }
  /** The configuration no longer has it. */
  | { readonly type: "withdrawn"; readonly object: string }
  /** Ours, and nobody's: left by a crash, or put there by somebody else while its holder is not master. */
  | { readonly type: "cleaned"; readonly object: string }
  | { readonly type: "refused"; readonly object: string; readonly message: string }
  | { readonly type: "interface_missing"; readonly holder: string; readonly interface: string; readonly object: string }
  | { readonly type: "interface_found"; readonly holder: string; readonly interface: string; readonly object: string }
  /** Static objects of a track_group are gone, and cannot be put back. */
  | { readonly type: "group_lost"; readonly group: string; readonly objects: readonly string[] }
  | { readonly type: "group_whole"; readonly group: string }
  | { readonly type: "network_unavailable"; readonly message: string }
  | {
      readonly type: "record_failed";
      readonly call: "read" | "write";
      readonly file: string;
      readonly message: string;
    };

/** One line for the log. */
export function describeAddressEvent(event: AddressEvent): string {
  switch (event.type) {
    case "restored":
      return `vrrp ${event.holder}: ${event.object} was taken away by somebody else and is back`;
    case "left_away":
      return `vrrp ${event.holder}: ${event.object} was taken away by somebody else and stays away (no_track)`;
    case "withdrawn":
      return `${event.object} is no longer configured, and is removed`;
    case "cleaned":
      return `${event.object} was left over or put there by somebody else, and is removed: nobody here is master for it`;
    case "refused":
      return `${event.object} is refused: ${event.message}`;
    case "interface_missing":
      return `vrrp ${event.holder}: ${event.object} waits for the interface ${event.interface}, which does not exist`;
    case "interface_found":
      return `vrrp ${event.holder}: the interface ${event.interface} of ${event.object} is there now`;
    case "group_lost":
      return `track_group ${event.group} lacks ${event.objects.join(", ")}: its instances are in fault`;
    case "group_whole":
      return `track_group ${event.group} has all that it watches again`;
    case "network_unavailable":
      return `the kernel's addresses cannot be read or written: ${event.message}`;
    case "record_failed":
      return `the record ${event.file} cannot be ${event.call === "read" ? "read" : "written"}: ${event.message}`;
  }
}
