import type { WrittenVrrpInstance } from "../../keywords/table.ts";
import type { Path } from "../../locate.ts";
import type { VrrpInstance } from "../../vrrp-model.ts";
import { msOf, type VrrpContext } from "./context.ts";

export const OWNER = 255;

type Election = Pick<
  VrrpInstance,
  | "state"
  | "basePriority"
  | "advertMs"
  | "downTimerAdverts"
  | "preempt"
  | "preemptDelayMs"
  | "accept"
  | "lowerPrioNoAdvert"
  | "higherPrioSendAdvert"
  | "ownerIgnoreAdverts"
  | "skipCheckAdvAddr"
  | "timerExpiredBackup"
>;

/**
 * Who becomes master, and when. What contradicts itself is corrected as keepalived does, and said; what contradicts strict mode,
 * which a lint explains, likewise.
 */
export function expandElection(
  written: WrittenVrrpInstance,
  version: 2 | 3,
  strict: boolean,
  path: Path,
  context: VrrpContext,
): Election {
  const { globals } = context;
  // keepalived: a MASTER without a priority is the owner of its addresses.
  const basePriority = written.priority ?? (written.state === "MASTER" ? OWNER : 100);
  const state = stateAtStart(written, version, strict, basePriority, path, context);
  const preempt = expandPreempt(written, state, basePriority, path, context);
  const { timer_expired_backup: expired } = written;
  return {
    state,
    basePriority,
    advertMs: advertMs(written, version, path, context),
    downTimerAdverts: strict ? 3 : (written.down_timer_adverts ?? globals.vrrp_down_timer_adverts ?? 3),
    preempt,
    preemptDelayMs: strict ? 0 : preemptDelayMs(written, state, preempt, path, context),
    accept: accept(written, version, strict, basePriority, path, context),
    lowerPrioNoAdvert: strict || (written.lower_prio_no_advert ?? globals.vrrp_lower_prio_no_advert ?? false),
    higherPrioSendAdvert: !strict && (written.higher_prio_send_advert ?? globals.vrrp_higher_prio_send_advert ?? false),
    ownerIgnoreAdverts: written.owner_ignore_adverts ?? globals.vrrp_owner_ignore_adverts ?? false,
    skipCheckAdvAddr: written.skip_check_adv_addr ?? globals.vrrp_skip_check_adv_addr ?? false,
    timerExpiredBackup: expired === undefined ? null : { bestPriority: expired },
  };
}

function stateAtStart(
  { state, authentication }: WrittenVrrpInstance,
  version: 2 | 3,
  strict: boolean,
  basePriority: number,
  path: Path,
  { problems }: VrrpContext,
): "MASTER" | "BACKUP" {
  const wanted = state ?? (basePriority === OWNER ? "MASTER" : "BACKUP");
  const sequenced = authentication?.auth_type === "AH" && version === 2 && !strict;
  if (state !== "MASTER" || !sequenced) return wanted;
  const message =
    "state MASTER is not heeded with AH: a router that starts has to hear the sequence number of the others";
  problems.push({ path: [...path, "state"], code: "corrected-setting", message, hint: "write state BACKUP" });
  return "BACKUP";
}

/** RFC 9568 5.2.7: version 3 counts centiseconds in 12 bits; RFC 3768 5.3.7: version 2 counts seconds in 8. */
function advertMs(written: WrittenVrrpInstance, version: 2 | 3, path: Path, { problems }: VrrpContext): number {
  const us = written.advert_int ?? 1_000_000;
  const at = [...path, "advert_int"];
  const shown = `advert_int is ${us / 1_000_000} s`;
  if (version === 2 && us % 1_000_000 !== 0) {
    const message = `${shown}, and VRRP version 2 counts whole seconds`;
    problems.push({
      path: at,
      code: "out-of-range",
      message,
      hint: "add version 3 on every router, or take whole seconds",
    });
  } else if (version === 3 && us % 10_000 !== 0) {
    const message = `${shown}, and VRRP version 3 counts hundredths of a second`;
    problems.push({
      path: at,
      code: "out-of-range",
      message,
      hint: `${Math.max(1, Math.round(us / 10_000)) / 100} is near`,
    });
  } else if (version === 3 && us > 40_950_000) {
    const message = `${shown}, and VRRP version 3 counts up to 40.95 s`;
    problems.push({ path: at, code: "out-of-range", message });
  }
  return msOf(us);
}

function expandPreempt(
  written: WrittenVrrpInstance,
  state: "MASTER" | "BACKUP",
  basePriority: number,
  path: Path,
  { problems }: VrrpContext,
): VrrpInstance["preempt"] {
  const { preempt, nopreempt } = written;
  const keyword = preempt === undefined || preempt === "always" ? "nopreempt" : "preempt";
  const at = [...path, keyword];
  if (preempt !== undefined && nopreempt === true && preempt !== "never") {
    const message = "preempt and nopreempt exclude each other";
    problems.push({ path: at, code: "conflicting-keywords", message, hint: "keep one of them" });
  }
  const wanted = preempt ?? (nopreempt === true ? "never" : "always");
  if (wanted === "always") return wanted;
  if (basePriority === OWNER) {
    const message = `${keyword} is not heeded: priority ${OWNER} owns the addresses and takes them always`;
    const hint = written.priority === undefined ? "state MASTER without a priority has 255: add priority" : null;
    problems.push({ path: at, code: "corrected-setting", message, hint });
    return "always";
  }
  // A lint explains what nopreempt and preempt_delay are worth with state MASTER.
  if (state === "BACKUP" || wanted === "never") return state === "MASTER" ? "always" : wanted;
  const message = "preempt on_failure and state MASTER exclude each other: it would take over whenever it starts";
  problems.push({ path: at, code: "conflicting-keywords", message, hint: "write state BACKUP on every router" });
  return wanted;
}

function preemptDelayMs(
  { preempt_delay: delayUs = 0 }: WrittenVrrpInstance,
  state: "MASTER" | "BACKUP",
  preempt: VrrpInstance["preempt"],
  path: Path,
  { problems }: VrrpContext,
): number {
  if (delayUs === 0 || state === "MASTER") return 0;
  if (preempt !== "never") return msOf(delayUs);
  const message = "preempt_delay changes nothing with nopreempt";
  problems.push({ path: [...path, "preempt_delay"], code: "no-effect", message, hint: "keep one of them" });
  return 0;
}

/** RFC 3768 knows no accept mode: only the owner takes packets to the addresses. */
function accept(
  written: WrittenVrrpInstance,
  version: 2 | 3,
  strict: boolean,
  basePriority: number,
  path: Path,
  { problems }: VrrpContext,
): boolean {
  const { accept: wanted, no_accept: unwanted } = written;
  if (wanted === true && unwanted === true) {
    const message = "accept and no_accept exclude each other";
    problems.push({ path: [...path, "no_accept"], code: "conflicting-keywords", message, hint: "keep one of them" });
  }
  if (unwanted === true) return false;
  if (!strict) return wanted ?? true;
  return (wanted === true && version === 3) || basePriority === OWNER;
}
