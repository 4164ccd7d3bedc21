import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { Command } from "commander";
import { runDemo } from "../demo/demo.ts";
import { fewestColumns } from "../demo/live-view.ts";
import { Screen } from "../demo/screen.ts";
import { exitCodes } from "./exit-codes.ts";
import { paintFor } from "./style.ts";

/** `lbctl demo`: the director at work on this machine, without root and without IPVS. */
export function demoCommand(): Command {
  return new Command("demo")
    .description("show a director at work: three web servers, load, a failure, a reload; needs neither root nor IPVS")
    .option("--once", "end after the tour; exit status 0 only if every step did what it claims")
    .action(async (options: { readonly once?: true }) => {
      const stop = new AbortController();
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());
      const program = join(import.meta.dirname, "main.ts");
      const wrapper = join(import.meta.dirname, "../../bin/lbctl");
      const { isTTY = false, columns = 0 } = process.stdout;
      const screen = new Screen(process.stdout, isTTY && columns >= fewestColumns && process.env.TERM !== "dumb");
      try {
        const passed = await runDemo({
          program,
          command: existsSync(wrapper) ? asTyped(wrapper) : `${asTyped(process.execPath)} ${asTyped(program)}`,
          once: options.once === true,
          screen,
          paint: paintFor(process.stdout),
          signal: stop.signal,
        });
        process.exit(passed ? exitCodes.ok : exitCodes.failed);
      } catch (error) {
        process.stderr.write(`lbctl demo: ${error instanceof Error ? error.message : String(error)}\n`);
        process.exit(exitCodes.failed);
      }
    });
}

/** A path as short as it can be typed here. */
function asTyped(path: string): string {
  const near = relative(process.cwd(), path);
  return near.length < path.length && !near.startsWith("..") ? near : path;
}
