import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { Command } from "commander";
import { convertFile } from "../config/load.ts";
import { writeFileAtomic } from "../files/atomic-write.ts";
import { countOf } from "../text/count.ts";
import { configIdOption } from "./config-id-option.ts";
import { exitOfRefused, writeDiagnostics } from "./diagnostics.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";

interface ConvertOptions {
  readonly output?: string;
  readonly configId?: string;
  readonly force?: true;
}

/** `lbctl convert`: a keepalived.conf as YAML that means the same, with its comments. */
export function convertCommand(): Command {
  return new Command("convert")
    .description("write a keepalived.conf as YAML that means the same, with its comments")
    .argument("<keepalived.conf>", "the file to convert")
    .option("-o, --output <file>", "write to this file instead of standard output")
    .option("--force", "replace the file if it exists")
    .addOption(configIdOption())
    .action(async (file: string, options: ConvertOptions) => {
      process.exitCode = await run(file, options);
    });
}

async function run(file: string, { output, configId, force }: ConvertOptions): Promise<ExitCode> {
  if (/\.ya?ml$/i.test(file)) return complain(`${file} is YAML already`, exitCodes.usage);
  if (output !== undefined && resolve(output) === resolve(file))
    return complain("the result cannot have the name of the file that is converted", exitCodes.usage);
  const conversion = await convertFile(file, { configId });
  if (!conversion.ok) {
    writeDiagnostics(conversion.diagnostics);
    const errors = conversion.diagnostics.filter(({ severity }) => severity === "error").length;
    return complain(`${countOf(errors, "error")}, nothing was written`, exitOfRefused(conversion.diagnostics));
  }
  const { text, warnings, notYet } = conversion;
  if (output === undefined) process.stdout.write(text);
  else {
    const problem = await write(output, text, await modeOf(file), force === true);
    if (problem !== null) return complain(problem, exitCodes.failed);
  }
  writeDiagnostics(warnings);
  if (notYet > 0) {
    const what = `${countOf(notYet, "keyword")} of it ${notYet === 1 ? "is" : "are"} not supported yet`;
    complain(`${what}: "lbctl validate" shows ${notYet === 1 ? "it" : "them"}`, exitCodes.ok);
  }
  return exitCodes.ok;
}

/** What keeps the text from being written; null when it was. */
async function write(path: string, text: string, mode: number, force: boolean): Promise<string | null> {
  try {
    const status = await stat(path).catch(() => null);
    // What is no file, a device or a directory, is not replaced by one.
    if (status !== null && !status.isFile()) return `${path} is no regular file`;
    await writeFileAtomic(path, text, { mode, exclusive: !force });
    return null;
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    return code === "EEXIST" ? `${path} exists; --force replaces it` : `${path} cannot be written: ${code}`;
  }
}

/** Both hold the same passwords, so the result is readable to those who may read the source. */
async function modeOf(file: string): Promise<number> {
  return (await stat(file)).mode & 0o666;
}

function complain(message: string, exit: ExitCode): ExitCode {
  process.stderr.write(`lbctl convert: ${message}\n`);
  return exit;
}
