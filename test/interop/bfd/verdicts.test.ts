import { expect, test } from "vitest";
import { askKeepalived, canAsk } from "../keepalived-conf/peer.ts";
import { ownVerdict } from "../keepalived-conf/verdict.ts";

const session = (settings: string, name = "peer") => `bfd_instance ${name} {\n ${settings}\n}\n`;
const tracking = (tracks = "peer") =>
  `vrrp_instance VI_1 {\n interface eth0\n virtual_router_id 51\n priority 90\n track_bfd {\n ${tracks}\n }\n virtual_ipaddress {\n 192.0.2.100/24\n }\n}\n`;
const checking = (checks: string) =>
  `virtual_server 192.0.2.10 80 {\n lb_algo rr\n lb_kind NAT\n protocol TCP\n real_server 10.0.0.1 80 {\n ${checks}\n }\n}\n`;
const check = (name = "peer", more = "") => `BFD_CHECK {\n name ${name}\n ${more}\n }`;
const near = "neighbor_ip 192.0.2.2\n";

const texts = [
  session(near) + tracking(),
  session("neighbour_ip 192.0.2.2\n passive\n ttl 64\n max_hops 64") + tracking("peer weight -20 reverse"),
  session("min_tx 20") + tracking(),
  session(`${near} source_ip 2001:db8::1`) + tracking(),
  session(`${near} source_ip 192.0.2.1`) + tracking(),
  session("neighbor_ip fe80::1%eth0") + tracking(),
  session(near) + session(near, "other") + tracking(),
  session(near) + session("neighbor_ip 192.0.2.3") + tracking(),
  session(near) + tracking("other"),
  session(near) + tracking("peer\n peer"),
  session(`${near} checker`) + tracking(),
  session(`${near} checker\n vrrp`) + tracking(),
  session(near) + checking(check()),
  session(near) + checking(check("peer", "alpha")),
  session(near) + checking(check("peer", "retry 3")),
  session(near) + checking(check("other")),
  session(near) + checking("BFD_CHECK {\n }"),
  session(near) + checking(`${check()}\n ${check()}`),
  session(`${near} vrrp`) + checking(check()),
  session(`${near} vrrp\n checker`) + checking(check()),
  session("neighbor_ip 2001:db8::2\n max_hops 64") + tracking(),
];

test.skipIf(!canAsk)("keepalived -t and lbctl agree about sessions, and who follows them", async () => {
  const theirs = await askKeepalived(texts);
  const disagreements = texts.filter((text, index) => ownVerdict(text).valid !== theirs[index]?.valid);
  expect(disagreements).toEqual([]);
  expect(theirs.filter(({ valid }) => valid)).toHaveLength(8);
});
