import { type Block, type Keyword, keyword, repeated, type SubBlock, single, type Written } from "./keyword.ts";
import { virtualServer } from "./lvs.ts";
import { alertRowsOfGlobalDefs } from "./rows/global-alerts.ts";
import { lvsRowsOfGlobalDefs } from "./rows/global-lvs.ts";
import { processRowsOfGlobalDefs } from "./rows/global-processes.ts";
import { programRowsOfGlobalDefs, readByTheFrontEnd } from "./rows/global-program.ts";
import { vrrpRowsOfGlobalDefs } from "./rows/global-vrrp.ts";
import { checkersAtTop, idleAtTop, pendingAtTop, virtualServerGroup } from "./rows/top.ts";
import { flag } from "./values/flag.ts";
import { filePath, optional } from "./values/system.ts";
import { printableText } from "./values/text.ts";
import { timer } from "./values/timer.ts";

export const globalDefs = {
  path: "global_defs",
  entries: {
    router_id: keyword(printableText, { summary: "name of this director in status", defaultText: "none" }),
    checker_log_all_failures: keyword(flag, {
      summary: "log every failure of checks that are up, unless a checker says otherwise",
      default: false,
    }),
    reconcile_interval: keyword(timer(100, 86_400_000), {
      summary: "how often the kernel's table is read back and repaired",
      default: 10_000,
      ours: true,
    }),
    tmp_config_directory: keyword(filePath, {
      summary: "where a copy of the configuration is kept while the processes read it",
      noEffect: "one process reads the file once and hands what it means to the others",
    }),
    reload_check_config: keyword(optional(filePath), {
      summary: "what is wrong with a refused reload is written to this file; refused it is anyhow",
      defaultText: "the log alone",
    }),
    ...programRowsOfGlobalDefs,
    ...alertRowsOfGlobalDefs,
    ...processRowsOfGlobalDefs,
    ...lvsRowsOfGlobalDefs,
    ...vrrpRowsOfGlobalDefs,
  },
  unsupported: readByTheFrontEnd,
} as const;

/**
 * Every keyword of keepalived, and ours: what may be written as `entries`, what lbctl will never take as `unsupported`.
 * Front ends, schema, diagnostics and manuals all come from here.
 */
export const keywordTable = {
  path: "",
  entries: {
    global_defs: single(globalDefs, "settings of the whole program"),
    virtual_server_group: repeated(virtualServerGroup, "addresses and marks that are one virtual server together"),
    virtual_server: repeated(virtualServer, "a service that clients connect to, and the real servers behind it"),
    ...checkersAtTop,
    ...idleAtTop,
    ...pendingAtTop,
  },
} as const satisfies Block;

export type WrittenGlobalDefs = Written<typeof globalDefs.entries>;
export type WrittenVirtualServer = Written<typeof virtualServer.entries>;
export type WrittenRealServer = NonNullable<WrittenVirtualServer["real_server"]>[number];
export type WrittenTcpCheck = NonNullable<WrittenRealServer["TCP_CHECK"]>[number];
export type WrittenHttpGet = NonNullable<WrittenRealServer["HTTP_GET"]>[number];
export type WrittenSslGet = NonNullable<WrittenRealServer["SSL_GET"]>[number];
export type WrittenSmtpCheck = NonNullable<WrittenRealServer["SMTP_CHECK"]>[number];
export type WrittenUdpCheck = NonNullable<WrittenRealServer["UDP_CHECK"]>[number];
export type WrittenTcpExpect = NonNullable<WrittenRealServer["TCP_EXPECT"]>[number];
export type WrittenGrpcCheck = NonNullable<WrittenRealServer["GRPC_CHECK"]>[number];
export type WrittenFileCheck = NonNullable<WrittenRealServer["FILE_CHECK"]>[number];
export type WrittenMiscCheck = NonNullable<WrittenRealServer["MISC_CHECK"]>[number];

type WrittenAtTop<E> =
  E extends SubBlock<Block<infer Inner>, infer Repeatable>
    ? Repeatable extends true
      ? readonly (Written<Inner> | null)[]
      : Written<Inner>
    : E extends Keyword<infer T>
      ? T | undefined
      : never;

/**
 * The configuration as written: every keyword of the top level, those that are not supported yet among them. A block that has
 * errors is null, so that the others keep their index; one that may stand once and was not written is empty.
 */
export type Config = {
  readonly [K in keyof typeof keywordTable.entries]: WrittenAtTop<(typeof keywordTable.entries)[K]>;
};

export type WrittenVrrpInstance = NonNullable<Config["vrrp_instance"][number]>;
export type WrittenVrrpSyncGroup = NonNullable<Config["vrrp_sync_group"][number]>;
export type WrittenVrrpScript = NonNullable<Config["vrrp_script"][number]>;
export type WrittenTrackFile = NonNullable<Config["track_file"][number]>;
export type WrittenVrrpTrackProcess = NonNullable<Config["vrrp_track_process"][number]>;
export type WrittenTrackGroup = NonNullable<Config["track_group"][number]>;
export type WrittenGarpGroup = NonNullable<Config["garp_group"][number]>;
