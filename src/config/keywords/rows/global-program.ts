import { forKeepalivedConf, keyword, notYet } from "../keyword.ts";
import { flag } from "../values/flag.ts";
import { integer, UINT32_MAX } from "../values/integer.ts";
import { listenAddress } from "../values/listen-address.ts";
import { script, userGroup } from "../values/script.ts";
import { absolutePath, filePath, includeChecks, optional, optionalPath } from "../values/system.ts";
import { directorName, nameText, wordText } from "../values/text.ts";
import { timer, wholeSeconds } from "../values/timer.ts";
import { lacks } from "./reasons.ts";

const seconds = wholeSeconds(1, 1000);

/** The program as such: files it writes, reloads, scripts, SNMP and D-Bus. */
export const programRowsOfGlobalDefs = {
  control_group: keyword(wordText, {
    summary: "a group whose members may use the control socket; counts from the next start",
    defaultText: "that of the process",
    ours: true,
  }),
  metrics_address: keyword(listenAddress, {
    summary: "where metrics for Prometheus, the status page and /healthz are served, without a password",
    defaultText: "nowhere",
    ours: true,
  }),
  use_symlink_paths: keyword(flag, {
    summary: "paths of scripts keep their symbolic links instead of being resolved",
    noEffect: "paths are always used as they are written",
    since: "2.2.8+",
  }),
  set_supplementary_groups: keyword(flag, {
    summary: "scripts get the supplementary groups of their user, too",
    noEffect: "scripts always have them",
    since: "2.2.8+",
  }),
  script_user: keyword(userGroup, {
    summary: "user and group that scripts run as when they name none",
    defaultText: "keepalived_script if it exists, else the user of the daemon",
  }),
  enable_script_security: keyword(flag, {
    summary: "no script is run as root that others than root could replace",
    default: false,
  }),
  startup_script: keyword(script, { summary: "run once before the processes start" }),
  startup_script_timeout: keyword(seconds, { summary: "time after which the startup script is killed", default: 10 }),
  shutdown_script: keyword(script, { summary: "run once when the processes have ended" }),
  shutdown_script_timeout: keyword(seconds, {
    summary: "time after which the shutdown script is killed",
    default: 10,
  }),
  config_save_dir: keyword(filePath, {
    summary: "directory that keeps the configuration before and after a reload",
  }),
  data_use_instance: keyword(flag, {
    summary: "names of dump files carry the network namespace",
    default: false,
  }),
  state_dump_file: keyword(filePath, {
    summary: "where SIGUSR1 dumps the state",
    defaultText: "lbctl.data in the run directory",
    since: "2.2.8+",
  }),
  stats_dump_file: keyword(filePath, {
    summary: "where SIGUSR2 dumps the statistics",
    defaultText: "lbctl.stats in the run directory",
    since: "2.2.8+",
  }),
  json_dump_file: keyword(filePath, {
    summary: "where SIGRTMIN+2 dumps VRRP in the form of keepalived's JSON",
    defaultText: "lbctl.json in the run directory",
    since: "2.2.8+",
  }),
  json_version: keyword(integer(1, 2), {
    summary: "layout of that JSON: 1 a list of instances, 2 an object with track_process",
    default: 1,
    since: "2.2.8+",
  }),
  reload_time_file: keyword(absolutePath, { summary: "file whose first line is the time of the next reload" }),
  reload_repeat: keyword(flag, {
    summary: "the file of reload_time_file stays and counts every day",
    default: false,
  }),
  reload_file: keyword(optionalPath, {
    summary: "file that exists while a reload reads the configuration; alone lbctl.reload",
  }),
  ...notYet(lacks.snmp, {
    snmp_socket: keyword(nameText, {
      summary: "where the SNMP master agent listens",
      defaultText: "unix:/var/agentx/master",
    }),
    enable_snmp_vrrp: keyword(flag, {
      summary: "VRRP in the MIB of keepalived",
      default: false,
      synonyms: ["enable_snmp_keepalived"],
      deprecated: ["enable_snmp_keepalived"],
    }),
    enable_snmp_checker: keyword(flag, {
      summary: "virtual and real servers in the MIB of keepalived",
      default: false,
    }),
    enable_snmp_rfc: keyword(flag, { summary: "VRRP in the MIBs of RFC 2787 and RFC 6527", default: false }),
    enable_snmp_rfcv2: keyword(flag, { summary: "VRRP version 2 in the MIB of RFC 2787", default: false }),
    enable_snmp_rfcv3: keyword(flag, { summary: "VRRP version 3 in the MIB of RFC 6527", default: false }),
    enable_traps: keyword(flag, { summary: "SNMP traps are sent on changes of state", default: false }),
    snmp_vs_stats_update_interval: keyword(timer(1, 30_000), {
      summary: "age from which statistics of virtual servers are read anew for SNMP",
      default: 5000,
      since: "2.2.8+",
    }),
    snmp_rs_stats_update_interval: keyword(timer(1, 30_000), {
      summary: "age from which statistics of real servers are read anew for SNMP",
      defaultText: "snmp_vs_stats_update_interval",
      since: "2.2.8+",
    }),
  }),
  ...notYet(lacks.dbus, {
    enable_dbus: keyword(flag, { summary: "VRRP instances are shown on D-Bus", default: false }),
    dbus_service_name: keyword(nameText, { summary: "name of the D-Bus service", defaultText: "org.keepalived.Vrrp1" }),
    dbus_no_interface_name: keyword(nameText, {
      summary: "what stands for the interface of an instance that has none in D-Bus paths",
      defaultText: "none",
      since: "2.2.8+",
    }),
  }),
};

/** What the reader of keepalived.conf heeds by itself. */
export const readByTheFrontEnd = forKeepalivedConf(
  "it is for keepalived.conf: YAML includes no files and has no random values",
  {
    include_check: keyword(includeChecks, {
      summary: "which flaws of included files are errors; all when it stands alone",
    }),
    random_seed: keyword(integer(0, UINT32_MAX), { summary: "makes the values of _RANDOM the same every time" }),
  },
);

/** Keywords that stand outside of every block. */
export const programRowsOfTop = {
  net_namespace: keyword(nameText, { summary: "network namespace that the whole program works in" }),
  net_namespace_ipvs: keyword(optional(nameText), {
    summary: "network namespace of the IPVS table, while checks are made from the other",
    defaultText: "net_namespace",
  }),
  instance: keyword(directorName, {
    summary: "tells several directors on one machine apart: names the run directory, and with it pid file and socket",
    defaultText: "by network namespace",
  }),
  child_wait_time: keyword(wholeSeconds(0, UINT32_MAX), {
    summary: "time that the VRRP and the checker process get to end in order, at least a second",
    defaultText: "10 s and 60 s",
  }),
};
