import { describe, expect, test } from "vitest";
import { noContext, readConfig, understand } from "../parse-config.ts";
import { defaultProcessSettings } from "../process-model.ts";

/** How the processes run by these lines of global_defs. */
function processes(...lines: readonly string[]) {
  const text = `global_defs {\n${lines.join("\n")}\n}\nvrrp_instance A {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n192.0.2.9/24\n}\n}\n`;
  const { model, vrrp, program, diagnostics } = understand(readConfig(text, "x.conf", noContext), "x.conf");
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  return { supervisor: program, vrrp: vrrp.globals, checker: model.globalDefs.process };
}

test("by default they are as the supervisor is", () => {
  const { supervisor, vrrp, checker } = processes();
  expect(supervisor).toMatchObject({ name: null, umask: 0o022 });
  expect(vrrp).toMatchObject({ process: defaultProcessSettings, processMonitorBuffer: null });
  expect(checker).toEqual(defaultProcessSettings);
});

describe("names", () => {
  test("process_names has one for each", () => {
    const { supervisor, vrrp, checker } = processes("process_names");
    expect([supervisor.name, vrrp.process.name, checker.name]).toEqual(["lbctl", "lbctl_vrrp", "lbctl_ipvs"]);
  });

  test("a name of its own counts more", () => {
    const { supervisor, vrrp, checker } = processes("process_names", "process_name ha", "lvs_process_name probes");
    expect([supervisor.name, vrrp.process.name, checker.name]).toEqual(["ha", "lbctl_vrrp", "probes"]);
  });
});

test("each process has its own settings", () => {
  const { vrrp, checker } = processes(
    "checker_priority -3",
    "checker_rt_priority 7",
    "checker_cpu_affinity 0 2",
    "checker_no_swap",
    "checker_rlimit_rttime 2000000",
    "vrrp_priority 4",
  );
  expect(checker).toMatchObject({ nice: -3, realTimePriority: 7, cpuAffinity: [0, 2], noSwap: true });
  expect(checker.rttimeLimitUs).toBe(2_000_000);
  expect(vrrp.process).toEqual({ ...defaultProcessSettings, nice: 4 });
});

describe("max_auto_priority", () => {
  test.each([
    ["max_auto_priority 0", null],
    ["max_auto_priority -1", null],
    ["max_auto_priority", { max: 99, minDelayUs: 1_000_000 }],
    ["max_auto_priority 20", { max: 20, minDelayUs: 1_000_000 }],
    ["max_auto_priority 20\nmin_auto_priority_delay 500", { max: 20, minDelayUs: 500 }],
    ["min_auto_priority_delay 500", null],
  ])("%j", (lines, autoPriority) => {
    const { vrrp, checker } = processes(lines);
    expect(vrrp.process.autoPriority).toEqual(autoPriority);
    expect(checker.autoPriority).toEqual(autoPriority);
  });
});

test("receive buffers: of VRRP, of the checks, of process events; 0 is the kernel's", () => {
  const { vrrp, checker } = processes(
    "vrrp_netlink_cmd_rcv_bufs 100000",
    "vrrp_netlink_monitor_rcv_bufs 0",
    "lvs_netlink_cmd_rcv_bufs 300000",
    "lvs_netlink_cmd_rcv_bufs_force",
    "lvs_netlink_monitor_rcv_bufs 400000",
    "process_monitor_rcv_bufs 500000",
    "process_monitor_rcv_bufs_force no",
  );
  expect(vrrp.process.buffers).toEqual({ command: { octets: 100_000, force: false }, monitor: null });
  expect(checker.buffers).toEqual({
    command: { octets: 300_000, force: true },
    monitor: { octets: 400_000, force: false },
  });
  expect(vrrp.processMonitorBuffer).toEqual({ octets: 500_000, force: false });
});
