import { ControlError } from "../control/api.ts";

/** The file that a request to plan names; null is the daemon's own. @throws ControlError `bad-request` */
export function planFile(request: unknown): string | null {
  if (request === null) return null;
  const file = (request as { file?: unknown }).file ?? null;
  if (file !== null && (typeof file !== "string" || !file.startsWith("/"))) {
    throw new ControlError(
      "bad-request",
      `"file" is not an absolute path: ${JSON.stringify(file)}`,
      "Give an absolute path, or none.",
    );
  }
  return file;
}
