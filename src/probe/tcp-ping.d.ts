// tcp-ping has no types of its own.
declare module "tcp-ping" {
  export interface PingResult {
    readonly seq: number;
    /** In ms; undefined: it failed. */
    readonly time: number | undefined;
    readonly err?: Error;
  }
  export function ping(
    options: { address: string; port: number; attempts: number; timeout: number },
    callback: (error: undefined, data: { readonly results: readonly PingResult[] }) => void,
  ): void;
}
