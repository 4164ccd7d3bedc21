/** The command that sets values below /proc/sys. An interface with a dot in its name needs the form with slashes (sysctl(8)). */
export function sysctlCommand(values: Readonly<Record<string, string>>): string {
  return `sysctl -w ${Object.entries(values)
    .map(([path, value]) => `${sysctlName(path)}=${value}`)
    .join(" ")}`;
}

/** "net/ipv4/ip_forward" as people write it. */
export function sysctlName(path: string): string {
  return path.includes(".") ? path : path.replaceAll("/", ".");
}
