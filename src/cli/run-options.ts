import { Command, Option } from "commander";
import { defaultConfigFileText } from "../config/default-file.ts";
import { logTargets } from "../log/sinks.ts";
import { type DataPlaneName, dataPlaneNames } from "../supervisor/checkers/open-data-plane.ts";
import { signalNumbers } from "../supervisor/program/signal-numbers.ts";
import { version } from "../version.ts";
import { configIdOption } from "./config-id-option.ts";
import type { LogOptions } from "./open-logs.ts";
import { runDirOption } from "./run-dir-option.ts";

export interface RunOptionsGiven extends LogOptions {
  readonly useFile?: string;
  readonly configId?: string;
  readonly allConfig?: true;
  readonly configTest?: string | true;
  readonly dataplane: DataPlaneName;
  readonly pid?: string;
  readonly vrrp_pid?: string;
  readonly checkers_pid?: string;
  readonly bfd_pid?: string;
  readonly dontReleaseIpvs?: true;
  readonly dontReleaseVrrp?: true;
  readonly vrrp?: true;
  readonly check?: true;
  readonly no_bfd?: true;
  readonly all?: true;
  readonly dontRespawn?: true;
  readonly addressMonitoring?: true;
  readonly namespace?: string;
  readonly logDetail?: true;
  readonly debug?: string | true;
  readonly runDir?: string;
  readonly stateDir?: string;
  readonly metricsAddress?: string;
  readonly umask?: string;
  readonly dumpConf?: true;
  readonly coreDump?: true;
  readonly coreDumpPattern?: string | true;
  readonly signum?: string;
  readonly snmp?: true;
  readonly snmpAgentSocket?: string;
  readonly ignoreSigint?: true;
}

const accepted = "accepted, and nothing to be done";

/** `lbctl run` takes every flag of keepalived, so that a unit file changes in one word. */
export function runCommandWithOptions(): Command {
  return new Command("run")
    .description(
      "run the director in the foreground: probe the real servers and keep the table right (SIGHUP reloads, SIGTERM stops)",
    )
    .version(`lbctl ${version}`, "-v, --version")
    .option("-f, --use-file <file>", `configuration file: YAML or a keepalived.conf (${defaultConfigFileText})`)
    .addOption(configIdOption())
    .option("-e, --all-config", "an included file that is missing is an error")
    .option("-t, --config-test [file]", "check the configuration and end; what is wrong goes to the file, or is shown")
    .addOption(new Option("--dataplane <name>", "where the table lives").choices(dataPlaneNames).default("ipvs"))
    .option("-P, --vrrp", "run only VRRP")
    .option("-C, --check", "run only the checks of virtual servers")
    .option("-B, --no_bfd", "run no BFD sessions: VRRP instances that track one find it down")
    .option("--all", "run the VRRP and the checker process even if nothing is configured for them")
    .option("-R, --dont-respawn", "end when another process of ours ends, instead of starting it again")
    .option("-n, --dont-fork", `${accepted}: it always runs in the foreground`)
    .option("-s, --namespace <name>", "run in this network namespace")
    .option("-p, --pid <file>", "pid file (default: lbctl.pid in the run directory)")
    .option("-r, --vrrp_pid <file>", "pid file of the VRRP process")
    .option("-c, --checkers_pid <file>", "pid file of the checker process")
    .option("-b, --bfd_pid <file>", "pid file of the BFD process")
    .option("-I, --dont-release-ipvs", "leave the IPVS table as it is when stopped")
    .option("-V, --dont-release-vrrp", "leave the virtual addresses where they are when stopped")
    .option("-X, --release-vips", `${accepted}: a stop always gives virtual addresses back, but for -V`)
    .option("-u, --umask <mask>", "permissions that new files do not get: a number as in umask(2)")
    .addOption(new Option("--log <target>", "where the log goes").choices(logTargets).default("auto"))
    .option("-l, --log-console", "the same as --log console")
    .option("-S, --log-facility <number>", "log to syslog as local0 to local7, user or daemon")
    .option("-G, --no-syslog", "do not log to syslog; with -g only to the file")
    .option("-g, --log-file <file>", "log to this file, too; VRRP, checks and BFD have their own beside it")
    .option("--flush-log-file", `${accepted}: every line is written at once`)
    .option("-D, --log-detail", "log details too: failed checks that take nothing down yet")
    .option("--debug [options]", "the same as -D; keepalived's letters are not looked at")
    .option("-d, --dump-conf", "log the configuration, now and after each reload, as JSON")
    .option("-a, --address-monitoring", "log every address that comes and goes on this machine")
    .option("-m, --core-dump", "core dumps may be of any size")
    .option("-M, --core-dump-pattern [pattern]", "-m, and the kernel's core_pattern while it runs (default: core)")
    .option("--no-mem-check", `${accepted}: there is none`)
    .option("--ignore-sigint", "SIGINT does not stop it")
    .option("-x, --snmp", "refused: there is no SNMP agent yet")
    .option("-A, --snmp-agent-socket <address>", "refused: there is no SNMP agent yet")
    .option("--signum <function>", `print the number of the signal for ${Object.keys(signalNumbers).join(", ")}`)
    .option("-T, --genhash", "as first flag: the same as lbctl genhash")
    .addOption(runDirOption())
    .option("--state-dir <directory>", "where what operators said is kept over restarts (default: /var/lib/lbctl)")
    .option(
      "--metrics-address <address>",
      "serve metrics for Prometheus, a status page and /healthz here: 9650 (loopback), 192.0.2.1:9650, [2001:db8::1]:9650",
    );
}
