import { isAbsolute } from "node:path";
import { z } from "zod";
import { type Severity, severities } from "../log/record.ts";

const realServer = z
  .string()
  .min(1)
  .describe('"10.0.0.11:80", "[2001:db8::11]:80", or an address alone for every port of it');
const virtualServer = z
  .string()
  .min(1)
  .nullable()
  .optional()
  .describe("name of a virtual server as in status; left out or null for every one that has the real server");
const target = { real_server: realServer, virtual_server: virtualServer };
const forS = z
  .number()
  .positive()
  .max(366 * 86_400)
  .nullable()
  .optional()
  .describe("how long it is to last, in seconds; left out or null: until it is taken back");
const level = z.enum(severities as [Severity, ...Severity[]]);

/** What each request carries. The one description: checked by the server, printed by `lbctl schema --api`. */
export const requestSchemas = {
  "GET /v1/status": z.null(),
  "GET /v1/overrides": z.null(),
  "POST /v1/reload": z.null(),
  "POST /v1/upgrade": z
    .strictObject({
      if_changed: z.boolean().optional().describe("true: only if the program on the disk is not the one that runs"),
    })
    .nullable(),
  "POST /v1/plan": z
    .strictObject({
      file: z
        .string()
        .refine(isAbsolute, "not an absolute path")
        .nullable()
        .optional()
        .describe("absolute path; left out or null: the file in force"),
    })
    .nullable(),
  "POST /v1/failover": z.strictObject({
    instance: z.string().min(1).describe("name of a vrrp_instance"),
    wait: z
      .boolean()
      .optional()
      .describe("false: the answer does not wait until it is known who is master; default: true"),
  }),
  "POST /v1/drain": z.strictObject({ ...target, for_s: forS }),
  "POST /v1/undrain": z.strictObject(target),
  "POST /v1/disable": z.strictObject({ ...target, for_s: forS }),
  "POST /v1/enable": z.strictObject(target),
  "POST /v1/weight": z.strictObject({
    ...target,
    weight: z.int().min(0).max(65_535).nullable().describe("null: the configured one again"),
    for_s: forS,
  }),
  "POST /v1/connections": z.strictObject(target),
  "POST /v1/check": z.strictObject(target),
  "POST /v1/checks": z.strictObject(target),
  "POST /v1/log-level": z.strictObject({ level: level.describe("the least severe that is logged") }),
} as const;

export type Requests = { readonly [R in keyof typeof requestSchemas]: Readonly<z.infer<(typeof requestSchemas)[R]>> };
