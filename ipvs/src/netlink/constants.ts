/** Netlink (linux/netlink.h), generic netlink (linux/genetlink.h) and the socket constants they need. */

export const AF_INET = 2;
export const AF_NETLINK = 16;
export const AF_INET6 = 10;
export const SOCK_RAW = 3;
export const NETLINK_GENERIC = 16;

export const SOL_SOCKET = 1;
export const SO_SNDBUF = 7;
export const SO_RCVBUF = 8;
export const SO_RCVBUFFORCE = 33;
export const SOL_NETLINK = 270;
export const NETLINK_ADD_MEMBERSHIP = 1;
export const NETLINK_CAP_ACK = 10;
export const NETLINK_EXT_ACK = 11;
export const NETLINK_GET_STRICT_CHK = 12;

export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;

/** struct nlmsghdr: length u32, type u16, flags u16, sequence u32, port u32. */
export const HEADER_BYTES = 16;
/** struct genlmsghdr: command u8, version u8, reserved u16. */
export const GENERIC_HEADER_BYTES = 4;

export const NLMSG_NOOP = 1;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
export const NLMSG_OVERRUN = 4;
export const NLMSG_MIN_TYPE = 16;

export const NLM_F_REQUEST = 0x01;
export const NLM_F_MULTI = 0x02;
export const NLM_F_ACK = 0x04;
export const NLM_F_DUMP_INTR = 0x10;
export const NLM_F_DUMP = 0x300;
/** On an acknowledgement: the request is not repeated beyond its header. */
export const NLM_F_CAPPED = 0x100;
/** On an acknowledgement: attributes follow (NLMSGERR_ATTR_*). */
export const NLM_F_ACK_TLVS = 0x200;

export const NLA_HEADER_BYTES = 4;
export const NLA_F_NESTED = 0x8000;
/** Without NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
export const NLA_TYPE_MASK = 0x3fff;

export const NLMSGERR_ATTR_MSG = 1;
export const NLMSGERR_ATTR_OFFS = 2;

export const GENL_ID_CTRL = 16;
export const CTRL_CMD_NEWFAMILY = 1;
export const CTRL_CMD_GETFAMILY = 3;
export const CTRL_ATTR_FAMILY_ID = 1;
export const CTRL_ATTR_FAMILY_NAME = 2;
export const CTRL_ATTR_VERSION = 3;
