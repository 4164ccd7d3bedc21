/**
 * initialize, backup and master are RFC 9568's (section 6.3), fault and stopped keepalived's. leaving is a master that
 * has resigned and still answers for its addresses until somebody else does.
 */
export type Phase = "initialize" | "backup" | "master" | "leaving" | "fault" | "stopped";
