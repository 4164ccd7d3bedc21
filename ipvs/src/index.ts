export * from "./address.ts";
export * from "./errors.ts";
export * from "./ipvs/client.ts";
export type { Daemon, DaemonRole, DaemonSettings } from "./ipvs/daemon-codec.ts";
export type { ServiceSummary } from "./ipvs/table-reader.ts";
export { type Native, native } from "./native.ts";
export * from "./table.ts";
