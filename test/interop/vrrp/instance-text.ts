/**
 * A vrrp_instance of a keepalived.conf; what is not given is as in most of the tests. A peer waits three intervals and more: no
 * master changes because the machine stands still for two seconds.
 */
export interface InstanceText {
  readonly name?: string;
  readonly priority: number;
  readonly virtualRouterId?: number;
  readonly state?: "MASTER" | "BACKUP";
  readonly advertMs?: number;
  readonly interface?: string;
  /** Lines of virtual_ipaddress. */
  readonly addresses?: readonly string[];
  /** More lines. */
  readonly lines?: readonly string[];
}

export function instanceText(instance: InstanceText): string {
  const { name = "VI_1", priority, virtualRouterId = 51, state = "BACKUP", advertMs = 1_000 } = instance;
  const { interface: on = "eth0", addresses = ["192.0.2.50/24"], lines = [] } = instance;
  return [
    `vrrp_instance ${name} {`,
    `  state ${state}`,
    `  interface ${on}`,
    `  virtual_router_id ${virtualRouterId}`,
    `  priority ${priority}`,
    `  advert_int ${advertMs / 1000}`,
    ...lines.map((line) => `  ${line}`),
    "  virtual_ipaddress {",
    ...addresses.map((address) => `    ${address}`),
    "  }",
    "}",
    "",
  ].join("\n");
}

/** global_defs of version 3, with more lines. */
export function globals(...lines: readonly string[]): string {
  return ["global_defs {", "  vrrp_version 3", ...lines.map((line) => `  ${line}`), "}", ""].join("\n");
}
