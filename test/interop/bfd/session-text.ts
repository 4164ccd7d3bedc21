/** A bfd_instance of a keepalived.conf. Detection takes four seconds: no session goes down because the machine stands still for two. */
export function sessionText(name: string, neighbor: string, lines: readonly string[] = []): string {
  const all = [`neighbor_ip ${neighbor}`, "min_tx 200", "min_rx 200", "multiplier 20", ...lines];
  return [`bfd_instance ${name} {`, ...all.map((line) => `  ${line}`), "}", ""].join("\n");
}
