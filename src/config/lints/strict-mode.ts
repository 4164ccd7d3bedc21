import type { Problem } from "../expand/problem.ts";
import type { Config } from "../keywords/table.ts";
import {
  instancesOf,
  isInet6,
  OWNER_PRIORITY,
  priorityOf,
  virtualAddressesOf,
  type WrittenInstance,
} from "./instances.ts";
import type { LintContext } from "./lint.ts";

/** Strict mode: what it does not allow, and what it makes of the addresses. */
export function* strictMode({ config }: LintContext): Iterable<Problem> {
  const unreachable = new Map<string, string[]>();
  for (const { written, path } of instancesOf(config)) {
    if (!(written.strict_mode ?? config.global_defs.vrrp_strict ?? false)) continue;
    const mode = written.strict_mode === undefined ? "vrrp_strict" : "strict_mode";
    for (const { keyword, what } of contradictions(written, config)) {
      yield {
        path: [...path, keyword],
        code: "strict-contradiction",
        message: `${mode} does not allow ${what}`,
        hint: `leave out ${mode}, or this`,
      };
    }
    const [address] = virtualAddressesOf(written);
    if (address === undefined || priorityOf(written) === OWNER_PRIORITY || written.accept === true) continue;
    const key = mode === "vrrp_strict" ? "" : String(path[1]);
    unreachable.set(key, [...(unreachable.get(key) ?? []), address.split("/")[0] ?? ""]);
  }
  for (const [index, addresses] of unreachable) {
    const shown = addresses.slice(0, 3).join(", ");
    const more = addresses.length > 3 ? ` and ${addresses.length - 3} more` : "";
    yield {
      path: index === "" ? ["global_defs", "vrrp_strict"] : ["vrrp_instance", Number(index), "strict_mode"],
      code: "strict-unreachable",
      message: `a master whose priority is not 255 drops what comes to ${shown}${more}: no ping, no connection, no virtual server`,
      hint: "leave strict mode out, or write accept in the instance (version 3)",
    };
  }
}

function contradictions(
  written: WrittenInstance,
  config: Config,
): { readonly keyword: string; readonly what: string }[] {
  const version2 = !isInet6(written) && (written.version ?? config.global_defs.vrrp_version ?? 2) === 2;
  const rules: readonly (readonly [keyof WrittenInstance, boolean, string])[] = [
    ["unicast_peer", written.unicast_peer !== undefined, "unicast: RFC 9568 knows multicast only"],
    ["authentication", written.authentication !== undefined, "authentication: RFC 3768 took it out of VRRP"],
    ["preempt_delay", (written.preempt_delay ?? 0) > 0, "preempt_delay: a higher priority takes over at once"],
    [
      "state",
      written.state === "MASTER" && priorityOf(written) !== OWNER_PRIORITY,
      `state MASTER with priority ${priorityOf(written)}: only the owner, priority 255, starts as master`,
    ],
    ["accept", written.accept === true && version2, "accept with version 2"],
    ["higher_prio_send_advert", written.higher_prio_send_advert === true, "higher_prio_send_advert"],
    ["lower_prio_no_advert", written.lower_prio_no_advert === false, "lower_prio_no_advert off"],
    ["down_timer_adverts", (written.down_timer_adverts ?? 3) !== 3, "down_timer_adverts other than 3"],
    ["vmac_xmit_base", written.vmac_xmit_base === true, "vmac_xmit_base"],
  ];
  return rules.flatMap(([keyword, broken, what]) => (broken ? [{ keyword, what }] : []));
}
