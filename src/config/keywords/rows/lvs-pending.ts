import { common } from "../checkers.ts";
import { keyword, notYet, refused } from "../keyword.ts";
import { flag } from "../values/flag.ts";
import { printableText } from "../values/text.ts";
import { otherCheckers } from "./other-checkers.ts";
import { ourCheckers } from "./our-checkers.ts";
import { lacks } from "./reasons.ts";

const snmpName = keyword(printableText, { summary: "name in the answers of SNMP" });

/** What keepalived takes in virtual_server and this version does not. */
export const pendingInVirtualServer = {
  ha_suspend: keyword(flag, {
    summary: "no checks while this host does not have the address of the service",
    default: false,
  }),
  ...notYet(lacks.snmp, { snmp_name: snmpName }),
};

const { bind_if, bind_port, bindto, connect_port, fwmark, log_all_failures } = common;

/** What keepalived takes in real_server and this version does not. */
export const pendingInRealServer = {
  ...otherCheckers,
  ...ourCheckers,
  ...notYet(lacks.snmp, { snmp_name: snmpName }),
};

/** What is a setting of checkers only. */
export const refusedInRealServer = refused(
  "it is a setting of a checker, and keepalived does not take it here either: write it in the checker",
  { bind_if, bind_port, bindto, connect_port, fwmark, log_all_failures },
);
