/**
 * MESSAGE_ID of the journal by event (journalctl MESSAGE_ID=...): made once, and never another. docs/operations.md has them for
 * users. Lines that nobody waits for have none.
 */
export const messageIds = {
  started: "d28667c2bb254b3193ecc674c5bb475c",
  ready: "dfdf53a78a314d6384b54104e60f483c",
  reloaded: "2162d740cf494b6fab3dbaa5c125ac17",
  reload_refused: "f9afc89928b547faa28f2290a6d83082",
  reload_failed: "8653d932d678446289db972dd3009521",
  stopping: "0f08db7c1e924903b5d60fa9c77c89d1",
  stopped: "d2d8c130ac5c4bd4bb5e645a00243bcb",
  process_ended: "212c950c0f164cc0bbe734223acba6f9",
  process_hung: "123a837a7c434948b406c1efa995c731",
  upgrade: "b503d70727c64322ab8558c3420a864d",
  upgrade_refused: "41bca501e4bb4ec09321bee009d0d072",
  real_server_changed: "27ceded7236b416abbbc7b305db0959d",
  quorum_changed: "c02ffb8c504949179f1498feb3a5dc3a",
  panic_changed: "d7baf5d915324a9c8c75e34fe5562283",
  sorry_server_changed: "e8a4a619da1a4819adfe659cb4fba31a",
  drift_repaired: "b27e1e8ffb454f92b77a5dc227a114b0",
  refused: "c469049c87f041b594d0a7a7186f7f7f",
  refusal_ended: "2a33b53161f04b8bb70cea3d9efeb1bc",
  data_plane_unavailable: "55c4b56cfa1f4e21863be18f808b4f71",
  data_plane_available: "342ce2280d0f43fabfbf656a2b520e3e",
  vrrp_state_changed: "3cd1f97ab2bf42bf98b99fec25799aca",
  vrrp_group_changed: "516bd37e2eee4cbdbb14834fb9889fcf",
  vrrp_priority_changed: "108f1430d2bf4a1c87c6f5a11fee13e0",
  vrrp_warned: "0044f6f22cb844f68e2862bd407c11fe",
  vrrp_advert_rejected: "7f9d4b0825ec4e1e8fd2f7a816426e60",
  vrrp_unknown_vrid: "90987456c5754f37be7275e525f24311",
  bfd_state_changed: "db838f09ece94901a553d0597f915a6f",
  vrrp_script_changed: "508dcd2e12974f46953de39083ca8946",
  track_file_changed: "ead8f08b143042519d45022eeede6de8",
  track_process_changed: "1044d40488e0465784663b69ac00ef87",
  override_changed: "0996cfc2e8ba42e69a385f9eab8d12cd",
  override_expired: "55f358d1d0b84c68a9b14c474550388b",
  failover_requested: "50fbe6461ca249e89fd04ce1495b32b3",
  reload_requested: "cb027cca508e47f1ba9b6777f57a8887",
  upgrade_requested: "989b08c8410c4773b5ec2e78b23ffa35",
  check_requested: "4b37451b790b411bb6fee2e4295578af",
  log_level_changed: "adf31f26af544963b62a98e48570590d",
  check_failed: "ea8cdbf5bd52420791d628a62027e7ab",
} as const;

/** Null: that event has none. */
export function messageIdOf(event: unknown): string | null {
  return typeof event === "string" && Object.hasOwn(messageIds, event)
    ? messageIds[event as keyof typeof messageIds]
    : null;
}
