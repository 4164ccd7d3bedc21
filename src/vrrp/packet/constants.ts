/** IP protocol numbers (IANA). */
export const PROTOCOL_VRRP = 112;
export const PROTOCOL_AH = 51;

/** The only type of VRRP message there is (RFC 9568 section 5.2.2). */
export const TYPE_ADVERTISEMENT = 1;

/** Groups that adverts go to (RFC 9568 section 5.1). */
export const GROUP_INET = "224.0.0.18";
export const GROUP_INET6 = "ff02::12";

/** TTL or hop limit of adverts: they never pass a router (RFC 9568 section 5.1). */
export const ADVERT_TTL = 255;

/** The differentiated services field keepalived sends: internetwork control, class selector 6. */
export const ADVERT_TOS = 0xc0;

/** VRRP message without addresses and, in version 2, authentication data. */
export const VRRP_HEADER_BYTES = 8;
/** Version 2: the authentication data after the addresses (RFC 2338 section 5.3.10). */
export const PASSWORD_BYTES = 8;
export const IPV4_HEADER_BYTES = 20;

/** Authentication types of version 2 (RFC 2338 section 5.3.6). */
export const AUTH_NONE = 0;
export const AUTH_PASS = 1;
export const AUTH_AH = 2;

/** Most addresses of a message: the count has one octet. */
export const MAX_ADDRESSES = 255;
