import { Option } from "commander";

// A file of its own: the daemon needs the option, not the client of the control socket.

/** The option of the daemon and of every command that speaks to it. */
export const runDirOption = (): Option =>
  new Option(
    "--run-dir <directory>",
    "where the daemon keeps its socket (default: /run/lbctl/net-<network namespace>)",
  );
