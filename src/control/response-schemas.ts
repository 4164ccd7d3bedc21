import { z } from "zod";
import { type DiagnosticCode, diagnosticCodes } from "../config/diagnostic-codes.ts";
import { type Severity, severities } from "../log/record.ts";
import { type ControlApi, type ControlErrorCode, type ControlRoute, httpStatusOf } from "./api.ts";

const time = z.iso.datetime();
const stats = z.strictObject({
  connections: z.number(),
  in_packets: z.number(),
  out_packets: z.number(),
  in_bytes: z.number(),
  out_bytes: z.number(),
});

const check = z.strictObject({
  type: z.string(),
  state: z.enum(["up", "down", "unknown"]),
  reason: z.string().nullable(),
  latency_ms: z.number().nullable(),
  checked_at: time.nullable(),
});
const said = z.strictObject({
  admin_state: z.enum(["enabled", "drained", "disabled"]).nullable(),
  weight: z.int().nullable(),
  set_by: z.string(),
  set_at: time,
  expires_at: time.nullable(),
});
const override = said.extend({
  real_server: z.string(),
  virtual_server: z.string().nullable().describe("null: in every virtual server that has it"),
  next: said.nullable().describe("what was said before and counts again when this has ended"),
});

const real = z.strictObject({
  address: z.string(),
  port: z.int(),
  lvs_method: z.string(),
  weight: z.int(),
  effective_weight: z.int(),
  health: z.enum(["up", "down", "unknown"]),
  admin_state: z.enum(["enabled", "disabled", "drained"]),
  state: z.enum(["up", "down", "unknown", "disabled", "drained"]),
  overrides: z.array(override),
  reason: z.string().describe("why it is in this state, a sentence"),
  since: time,
  checks: z.array(check),
  connections: z.strictObject({ active: z.int(), inactive: z.int(), persistent: z.int() }).nullable(),
  stats: stats.nullable(),
  rates: stats.nullable(),
});

const virtual = z.strictObject({
  name: z.string(),
  address: z.string().nullable(),
  port: z.int().nullable(),
  protocol: z.string().nullable(),
  fwmark: z.int().nullable(),
  services: z.array(z.string()),
  group: z.string().nullable(),
  lvs_sched: z.string(),
  lvs_method: z.string(),
  state: z.enum(["up", "down", "refused"]),
  quorum: z.strictObject({
    needed: z.int(),
    hysteresis: z.int(),
    weight_up: z.int(),
    met: z.boolean(),
  }),
  sorry_server: z
    .strictObject({ address: z.string(), port: z.int(), lvs_method: z.string(), in_service: z.boolean() })
    .nullable(),
  panic: z.strictObject({ threshold: z.int(), up: z.int(), counted: z.int(), active: z.boolean() }).nullable(),
  real_servers: z.array(real),
  stats: stats.nullable(),
  rates: stats.nullable(),
  refused: z.array(z.strictObject({ object: z.string(), cause: z.string() })),
});

const vrrpInstance = z.strictObject({
  name: z.string(),
  state: z.enum(["initialize", "backup", "master", "leaving", "fault", "stopped"]),
  since: time,
  reason: z.string().describe("why it is master, or why not, a sentence"),
  interface: z.string().nullable(),
  family: z.enum(["inet", "inet6"]),
  version: z.union([z.literal(2), z.literal(3)]),
  virtual_router_id: z.int(),
  sync_group: z.string().nullable(),
  priority: z.int(),
  base_priority: z.int(),
  contributions: z.array(z.strictObject({ source: z.string(), weight: z.int(), active: z.boolean() })),
  master: z.strictObject({ address: z.string(), priority: z.int(), seen_at: time }).nullable(),
  addresses: z.array(z.strictObject({ address: z.string(), present: z.boolean() })),
  counters: z.record(z.string(), z.number()),
});

const bfdState = z.enum(["admin_down", "down", "init", "up"]);
const bfdInstance = z.strictObject({
  name: z.string(),
  state: bfdState,
  since: time,
  reason: z.string().describe("why it is in that state, a sentence"),
  settling: z.boolean(),
  neighbor: z.string(),
  source: z.string().nullable(),
  multihop: z.boolean(),
  discriminator: z.int(),
  multiplier: z.int(),
  tx_interval_ms: z.number().nullable(),
  detection_time_ms: z.number().nullable(),
  remote: z
    .strictObject({
      state: bfdState,
      diagnostic: z.string(),
      discriminator: z.int(),
      min_tx_ms: z.number(),
      min_rx_ms: z.number(),
      multiplier: z.int(),
    })
    .nullable(),
  counters: z.record(z.string(), z.number()),
});

/** What `lbctl status --json` prints. */
export const statusSchema = z.strictObject({
  version: z.literal(1),
  generation: z.int(),
  dataplane: z.enum(["ipvs", "userspace"]),
  virtual_servers: z.array(virtual),
  vrrp_instances: z.array(vrrpInstance),
  bfd_instances: z.array(bfdInstance),
  drift: z.strictObject({
    repaired_total: z.int(),
    last: z.strictObject({ at: time, what: z.string() }).nullable(),
  }),
  daemon: z.strictObject({
    version: z.string(),
    pid: z.int(),
    started_at: time,
    router_id: z.string().nullable(),
    config_file: z.string(),
    config_id: z.string().nullable().describe("what lines of the file that begin with @ are compared with (-i)"),
    checker: z.enum(["off", "starting", "running", "restarting"]),
    vrrp: z.enum(["off", "starting", "running", "restarting"]),
    bfd: z.enum(["off", "starting", "running", "restarting"]),
    data_plane_unavailable: z.string().nullable(),
    reload_refused: z.strictObject({ at: time, reason: z.string() }).nullable(),
  }),
});

const place = { file: z.string(), line: z.int(), column: z.int() };
const diagnostic = z.strictObject({
  code: z.enum(Object.keys(diagnosticCodes) as [DiagnosticCode, ...DiagnosticCode[]]),
  severity: z.enum(["error", "warning"]),
  message: z.string(),
  hint: z.string().nullable(),
  expected: z.string().nullable(),
  ...place,
  endColumn: z.int(),
  excerpt: z.string().nullable(),
  excerptColumn: z.int().exactOptional(),
  usedAt: z.strictObject(place).exactOptional(),
  link: z.string().exactOptional(),
});

const change = z.strictObject({
  real_servers: z.array(z.string()).describe('those that were meant: "10.0.0.11:80"'),
  changed: z.int().describe("how many of them it changed something for"),
});

const level = z.enum(severities as [Severity, ...Severity[]]);

const changes = z
  .array(
    z.strictObject({
      block: z.enum(["vrrp_instance", "vrrp_sync_group", "vrrp_script", "track_file", "track_process", "bfd_instance"]),
      name: z.string(),
      change: z.enum(["added", "removed", "changed"]),
    }),
  )
  .describe("of VRRP and BFD");

const reload = z.strictObject({
  generation: z.int(),
  file: z.string(),
  operations: z.record(z.string(), z.int()).describe("operations sent, counted by kind"),
  changes,
  refused: z.array(z.strictObject({ object: z.string(), cause: z.string() })),
  unavailable: z.string().nullable().describe("why the data plane could not be reached"),
  warnings: z.array(diagnostic),
  took_ms: z.int(),
});
const director = z.strictObject({ version: z.string(), pid: z.int() });

/** What each request is answered with, status 200. */
export const responseSchemas = {
  "GET /v1/status": statusSchema,
  "GET /v1/overrides": z.strictObject({ overrides: z.array(override) }),
  "POST /v1/reload": reload,
  "POST /v1/upgrade": z.strictObject({
    upgraded: z.boolean().describe("false: the program on the disk is the one that runs"),
    from: director,
    to: director.describe("the director that runs now"),
    carried: z
      .enum(["everything", "adoption"])
      .nullable()
      .describe("adoption: the new program goes on from what the kernel and the records say; null: not upgraded"),
    pauses_ms: z
      .strictObject({ vrrp: z.int(), bfd: z.int(), checks: z.int() })
      .nullable()
      .describe("how long nobody did that work"),
    reload: z
      .union([reload, z.strictObject({ refused: z.string() })])
      .nullable()
      .describe("of a configuration file that says something else than what was in force"),
    took_ms: z.int(),
  }),
  "POST /v1/plan": z.strictObject({
    file: z.string(),
    operations: z.array(z.strictObject({ kind: z.string(), object: z.string(), detail: z.string() })),
    changes,
    warnings: z.array(diagnostic),
  }),
  "POST /v1/failover": z.strictObject({
    instance: z.string(),
    outcome: z.enum(["begun", "handed_over", "nobody_took_over", "ended"]),
    master: z.strictObject({ address: z.string(), priority: z.int() }).nullable(),
    state: z.string(),
    reason: z.string(),
    took_ms: z.number(),
  }),
  "POST /v1/drain": change,
  "POST /v1/undrain": change,
  "POST /v1/disable": change,
  "POST /v1/enable": change,
  "POST /v1/weight": change,
  "POST /v1/connections": z.strictObject({
    real_servers: z.array(z.string()),
    active: z.int(),
    inactive: z.int(),
    persistent: z.int(),
  }),
  "POST /v1/check": z.strictObject({ real_servers: z.array(z.string()), checks: z.int() }),
  "POST /v1/checks": z.strictObject({
    checks: z.array(
      z.strictObject({
        virtual_server: z.string(),
        real_server: z.string(),
        check: z.record(z.string(), z.unknown()).describe("every setting of the check, but for passwords"),
      }),
    ),
    script_user: z.strictObject({ user: z.string(), group: z.string().nullable() }).nullable(),
    script_security: z.boolean(),
  }),
  "POST /v1/log-level": z.strictObject({ level, was: level }),
} as const satisfies { readonly [R in ControlRoute]: z.ZodType<ControlApi[R]["response"]> };

/** What a request that failed is answered with; the code says with which status. */
export const errorSchema = z.strictObject({
  error: z.strictObject({
    code: z.enum(Object.keys(httpStatusOf) as [ControlErrorCode, ...ControlErrorCode[]]),
    message: z.string(),
    hint: z.string().describe("what to do next"),
    diagnostics: z.array(diagnostic).exactOptional(),
  }),
});

/** A line of `GET /v1/events`; an event has more fields of its own. */
export const eventSchema = z.looseObject({
  seq: z.int().describe("counts the events of this daemon from 1, without gaps"),
  at: time,
  event: z.string(),
  severity: level,
  role: z.string().describe("which process speaks"),
  message: z.string().describe("a sentence"),
});
