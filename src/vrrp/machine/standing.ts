/** The kinds of things that can be tracked, named as their blocks are. */
export type TrackKind = "interface" | "script" | "file" | "process" | "bfd" | "virtual_server";

export interface TrackSource {
  readonly kind: TrackKind;
  readonly name: string;
}

/** What one tracked thing does to a priority. */
export interface Contribution {
  readonly source: TrackSource;
  readonly weight: number;
  readonly reverse: boolean;
  /** The sync group's own track, not the instance's. */
  readonly ofGroup: boolean;
  readonly active: boolean;
  /** What it adds now, 0 while it is not active. */
  readonly adds: number;
}

/** Why an instance cannot take part. Closed: each has a sentence in `describeFault`. */
export type Fault =
  | { readonly kind: "interface_down"; readonly interface: string }
  | { readonly kind: "interface_missing"; readonly interface: string }
  | { readonly kind: "no_source_address"; readonly interface: string | null }
  | { readonly kind: "no_unicast_peer" }
  | { readonly kind: "static_track"; readonly group: string }
  | { readonly kind: "track"; readonly source: TrackSource; readonly reverse: boolean }
  | { readonly kind: "file_below_limit"; readonly name: string; readonly result: number }
  | { readonly kind: "sync_group"; readonly member: string };

/** How an instance stands: its priority with all that makes it up, and what keeps it from taking part. */
export interface Standing {
  readonly basePriority: number;
  /** 1 to 254; 255 for the owner. */
  readonly priority: number;
  readonly contributions: readonly Contribution[];
  readonly faults: readonly Fault[];
}
