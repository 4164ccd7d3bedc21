/** Why a session changed its state. Closed: each has a sentence in `describeReason`. */
export type Reason =
  | { readonly kind: "started" }
  /** The neighbour is there and has not heard us yet. */
  | { readonly kind: "heard" }
  | { readonly kind: "established" }
  | { readonly kind: "silent"; readonly silentMs: number; readonly limitMs: number }
  /** The neighbour's session is down, and why it says that is. */
  | { readonly kind: "neighbor_down"; readonly diagnostic: number }
  | { readonly kind: "neighbor_admin_down" }
  | { readonly kind: "shutdown" };
