/** Why keywords are not supported yet: what this version as a whole lacks. Each completes "is not supported yet:". */
export const lacks = {
  scripts: "this version runs no scripts for VRRP",
  mail: "this version sends no mail about VRRP",
  vrrp: "this version tells nobody of VRRP",
  snmp: "this version has no SNMP agent",
  dbus: "this version has no D-Bus interface",
  ipvs: "this version sets services and destinations of IPVS only",
} as const;
