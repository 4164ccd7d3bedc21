import { describe, expect, test } from "vitest";
import { noContext, readConfig, understand } from "../config/parse-config.ts";
import { newCounters } from "../vrrp/process/counters.ts";
import type { InstanceView } from "../vrrp/process/instance-view.ts";
import { keepalivedJson } from "./keepalived-json.ts";

function modelOf(text: string) {
  return understand(readConfig(text, "x.conf", noContext), "x.conf").vrrp;
}

const simple = modelOf(
  "vrrp_instance VI_1 {\ninterface e0\nvirtual_router_id 51\npriority 100\nvirtual_ipaddress {\n192.0.2.100/24\n}\n}\n",
);

const master: InstanceView = {
  ...{ name: "VI_1", state: "master", sinceEpochMs: 1_795_278_089_370, reason: "", interface: "e0", family: "inet" },
  ...{ version: 2, virtualRouterId: 51, syncGroup: null, priority: 100, basePriority: 100, contributions: [] },
  master: { address: "192.0.2.1", priority: 100, sinceEpochMs: 0 },
  addresses: [{ object: "address 192.0.2.100/24 dev e0", present: true }],
  counters: { ...newCounters(), advertisementsSent: 4, becomeMaster: 1 },
};

describe("keepalivedJson", () => {
  // Dumped by keepalived 2.2.7 for the same configuration, four seconds after it became master.
  test("an instance is as keepalived writes it", () => {
    expect(keepalivedJson(1, simple, [master], [])).toEqual([
      {
        data: {
          iname: "VI_1",
          dont_track_primary: 0,
          skip_check_adv_addr: 0,
          strict_mode: 0,
          vmac_ifname: "",
          ifp_ifname: "e0",
          master_priority: 0,
          last_transition: 1_795_278_089.37,
          garp_delay: 5,
          garp_refresh: 0,
          garp_rep: 5,
          garp_refresh_rep: 1,
          garp_lower_prio_delay: 5,
          garp_lower_prio_rep: 5,
          lower_prio_no_advert: 0,
          higher_prio_send_advert: 0,
          vrid: 51,
          base_priority: 100,
          effective_priority: 100,
          vipset: true,
          promote_secondaries: false,
          adver_int: 1,
          master_adver_int: 1,
          accept: 1,
          nopreempt: false,
          preempt_delay: 0,
          state: 2,
          wantstate: 2,
          version: 2,
          smtp_alert: false,
          notify_deleted: false,
          vips: ["192.0.2.100/24 dev e0 scope global set"],
          auth_type: 0,
        },
        stats: {
          advert_rcvd: 0,
          advert_sent: 4,
          become_master: 1,
          release_master: 0,
          packet_len_err: 0,
          advert_interval_err: 0,
          ip_ttl_err: 0,
          invalid_type_rcvd: 0,
          addr_list_err: 0,
          invalid_authtype: 0,
          authtype_mismatch: 0,
          auth_failure: 0,
          pri_zero_rcvd: 0,
          pri_zero_sent: 0,
        },
      },
    ]);
  });

  test("one that has told nothing yet is there, too", () => {
    expect(keepalivedJson(1, simple, [], [])).toMatchObject([
      { data: { iname: "VI_1", state: 0, vipset: false, vips: ["192.0.2.100/24 dev e0 scope global"] } },
    ]);
  });

  test.each([
    ["backup", 1, 90],
    ["fault", 3, 0],
  ] as const)("%s", (state, number, priority) => {
    const view = {
      ...master,
      state,
      master: priority === 0 ? null : { address: "192.0.2.2", priority, sinceEpochMs: 0 },
      addresses: [],
    };
    expect(keepalivedJson(1, simple, [view], [])).toMatchObject([
      { data: { state: number, wantstate: number, master_priority: priority, vipset: false } },
    ]);
  });

  test("VMAC, label, excluded addresses, scripts and what is tracked; no password", () => {
    const rich = modelOf(`global_defs {\nvmac_prefix lb\n}\nvrrp_script chk {\nscript /bin/true\n}
vrrp_instance A {\ninterface e0\nvirtual_router_id 7\nuse_vmac\nauthentication {\nauth_type PASS\nauth_pass secret12\n}
virtual_ipaddress {\n192.0.2.100/24 label e0:1\n}\nvirtual_ipaddress_excluded {\n192.0.2.110/24 dev e1\n}
track_interface {\ne1\n}\ntrack_script {\nchk\n}\nnotify_master /bin/m\nnotify "/bin/n x"\nsmtp_alert\n}\n`);
    const text = JSON.stringify(keepalivedJson(1, rich, [], []));
    expect(JSON.parse(text)).toMatchObject([
      {
        data: {
          vmac_ifname: "lb.7",
          ifp_ifname: "lb.7",
          vips: ["192.0.2.100/24 dev lb.7@e0 scope global label e0:1"],
          evips: ["192.0.2.110/24 dev e1 scope global"],
          track_ifp: ["e1"],
          track_script: ["chk"],
          script_master: "/bin/m",
          script: "/bin/n x",
          smtp_alert: true,
          auth_type: 1,
        },
      },
    ]);
    expect(text).not.toContain("secret12");
  });

  test("version 2 has lists by name, and what processes are counted", () => {
    const tracked = modelOf(
      "vrrp_track_process web {\nprocess nginx\nquorum 2\nweight 5\nterminate_delay 1.5\n}\nvrrp_instance A {\ninterface e0\nvirtual_router_id 7\nvirtual_ipaddress {\n192.0.2.1\n}\n}\n",
    );
    const counted = [{ name: "web", count: 1, isEnough: true, delay: "terminate" as const }];
    expect(keepalivedJson(2, tracked, [], counted)).toMatchObject({
      vrrp: [{ data: { iname: "A" } }],
      track_process: [
        {
          process: "web",
          param_match: "none",
          min_processes: 2,
          current_processes: 1,
          have_quorum: true,
          weight: 5,
          terminate_delay: 1.5,
          fork_delay: 0,
          fork_delay_timer_running: false,
          terminate_delay_timer_running: true,
          full_command: false,
        },
      ],
    });
  });
});
