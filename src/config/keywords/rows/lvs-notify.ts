import { keyword } from "../keyword.ts";
import { flag } from "../values/flag.ts";
import { script } from "../values/script.ts";

/** Whom a virtual server tells of its quorum. */
export const notifyInVirtualServer = {
  quorum_up: keyword(script, { summary: "run when the quorum is gained" }),
  quorum_down: keyword(script, { summary: "run when the quorum is lost" }),
  omega: keyword(flag, { summary: "at the end, the scripts for what goes down are run", default: false }),

  smtp_alert: keyword(flag, {
    summary: "mail about its quorum",
    defaultText: "smtp_alert_checker, else smtp_alert, else no",
  }),
} as const;

/** Whom a real server tells of its changes. */
export const notifyInRealServer = {
  notify_up: keyword(script, { summary: "run when the real server comes up" }),
  notify_down: keyword(script, { summary: "run when the real server goes down" }),

  smtp_alert: keyword(flag, {
    summary: "mail about its changes",
    defaultText: "smtp_alert_checker, else smtp_alert, else yes",
  }),
} as const;
