import { Option } from "commander";

/** The option of every command that reads a configuration file itself. */
export const configIdOption = (): Option =>
  new Option(
    "-i, --config-id <id>",
    "which @id lines of a keepalived.conf count (default: host name up to its first dot)",
  );
