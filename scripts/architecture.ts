// Checks that every file keeps to its place (npm run check). The table below says what is pure and what is a shell.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readSource } from "./architecture/read-source.ts";
import { findViolations, type Layout } from "./architecture/rules.ts";

const layout: Layout = {
  // Decisions: no clock, no socket, no log, no I/O, and nothing imported that has any.
  pure: [
    "src/config/",
    "src/director/",
    "src/net/",
    "src/vrrp/addresses/",
    "src/vrrp/firewall/",
    "src/vrrp/links/",
    "src/notify/",
    "src/text/",
    "src/vrrp/machine/",
    "src/log/format.ts",
    "src/log/record.ts",
    "src/files/is-object.ts",
    "src/control/api.ts",
    "src/control/status.ts",
    "src/control/status-document.ts",
    "src/control/view.ts",
    "src/control/vrrp-status.ts",
    "src/supervisor/event-log.ts",
    "src/supervisor/exit-policy.ts",
    "src/supervisor/failure-log.ts",
    "src/supervisor/operation-summary.ts",
    "src/supervisor/restart-policy.ts",
    "src/cli/render-status.ts",
    "src/cli/render-vrrp.ts",
    "src/cli/text-table.ts",
    "src/dataplane/schedulers/",
    "src/dataplane/capabilities.ts",
    "src/dataplane/destination-state.ts",
    "src/dataplane/forwarding-table.ts",
    "src/dataplane/listen-error.ts",
    "src/dataplane/service-state.ts",
    "src/dataplane/traffic-meter.ts",
    "src/bfd/machine/",
    "src/bfd/packet/",
    "src/vrrp/packet/",
    "src/vrrp/tracking/",
    "src/vrrp/process/announced-addresses.ts",
    "src/vrrp/process/announcement.ts",
    "src/vrrp/process/counters.ts",
    "src/vrrp/process/describe-runner-event.ts",
    "src/vrrp/process/faults.ts",
    "src/vrrp/process/machines.ts",
    "src/vrrp/process/socket-options.ts",
    "src/vrrp/process/instance-view.ts",
    "src/vrrp/process/prepared-adverts.ts",
    "src/vrrp/process/receive-buffer.ts",
    "src/vrrp/process/router.ts",
    "src/vrrp/process/runner-event.ts",
    "src/vrrp/process/said-lately.ts",
    "src/vrrp/process/script-state.ts",
    "src/vrrp/process/timer-table.ts",
    "src/demo/config.ts",
    "src/demo/live-view.ts",
    "src/demo/steps.ts",
    "src/demo/summary.ts",
    "src/demo/tally.ts",
    "checkers/src/",
    "ipvs/src/",
  ],
  // Inside those, what may do I/O.
  shells: [
    "src/config/iproute-files.ts",
    "src/config/load.ts",
    "src/config/look-at-host.ts",
    "src/config/include/load-included.ts",
    "src/config/keywords/write-manual.ts",
    "src/director/file-records.ts",
    "src/director/writer-lock.ts",
    "src/vrrp/addresses/file-record.ts",
    "src/vrrp/firewall/nft-program.ts",
    "src/vrrp/links/file-record.ts",
    "src/vrrp/tracking/file-tracker.ts",
    "src/vrrp/tracking/proc-list.ts",
    "src/vrrp/tracking/process-tracker.ts",
    "src/vrrp/links/proc-sysctls.ts",
    "src/vrrp/addresses/kernel-network.ts",
    "src/vrrp/addresses/testing/hold-addresses.ts",
    "src/notify/accounts.ts",
    "src/notify/path-facts.ts",
    "src/notify/fifo.ts",
    "src/notify/fifos.ts",
    "src/notify/mailer.ts",
    "src/notify/notifier.ts",
    "src/notify/program.ts",
    "src/notify/script-runner.ts",
    "src/notify/scripts-main.ts",
    "src/notify/scripts-process.ts",
    "checkers/src/engine-batch/engine.ts",
    "checkers/src/engine-batch/exchanges.ts",
    "checkers/src/engine-node/",
    "checkers/src/probe-engine.ts",
    "checkers/src/runner.ts",
    "checkers/src/index.ts",
    "ipvs/src/index.ts",
    "ipvs/src/native.ts",
    "ipvs/src/netlink/socket-transport.ts",
    "ipvs/src/ipvs/client.ts",
    "ipvs/src/ipvs/table-reader.ts",
    "ipvs/src/rtnetlink/client.ts",
    "ipvs/src/connector/process-monitor.ts",
    "ipvs/src/rtnetlink/monitor.ts",
    "ipvs/src/testing/",
  ],
  // Nobody else imports from these.
  private: ["src/cli/"],
  // Packages that stand on their own: they import only from themselves and from npm.
  packages: ["ipvs/", "checkers/"],
  pureModules: {
    zod: { except: [] },
    yaml: { except: [] },
    re2js: { except: [] },
    // For its constants, which are the kernel's.
    "node:os": {
      except: [
        "cpus",
        "freemem",
        "getPriority",
        "homedir",
        "hostname",
        "loadavg",
        "networkInterfaces",
        "setPriority",
        "tmpdir",
        "uptime",
        "userInfo",
      ],
    },
    "node:crypto": { except: ["randomBytes", "randomUUID", "randomInt", "getRandomValues", "webcrypto"] },
    "ipvs-netlink": { except: ["IpvsClient", "RtnetlinkClient", "RtnetlinkMonitor", "native"] },
    "@lbctl/checkers": { except: ["CheckRunner", "createProbeEngine", "connectNatively"] },
  },
};

const root = join(import.meta.dirname, "..");
const paths = globSync("{src,ipvs,checkers,test,scripts}/**/*.ts", { cwd: root, exclude: ["**/node_modules/**"] });
const sources = paths.map((path) => readSource(path, readFileSync(join(root, path), "utf8")));
const violations = findViolations(sources, layout);

for (const { path, line, rule, message } of violations) console.error(`${path}:${line} ${rule}: ${message}`);
if (violations.length > 0) {
  console.error(
    `${violations.length} violations of the architecture (the layout is described in scripts/architecture.ts)`,
  );
  process.exitCode = 1;
}
