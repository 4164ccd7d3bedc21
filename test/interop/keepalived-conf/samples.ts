import { readdirSync, readFileSync } from "node:fs";
import { inBlock, knownBlocks } from "./blocks.ts";

const folder = "/usr/share/doc/keepalived/samples/";
const pairs = new URL("../../../src/config/keepalived/pairs/", import.meta.url);

const language = `$VIP=192.0.2.10
$SERVER= \\
  real_server 10.0.0.\${HOST} 80 { \\
    weight 1 \\
    TCP_CHECK { \\
      connect_timeout 3 \\
    } \\
  }
global_defs {
  router_id "two words" # comment
}
virtual_server \${VIP} 80
{
  delay_loop 3 ! comment
  lb_algo rr
  lb_kind NAT
  protocol TCP
  @high quorum 1
  @low quorum 2
  ~SEQ(HOST, 11, 13) $SERVER
  ~LST(HOST, 21, 22) real_server 10.0.0.\${HOST} 80 { TCP_CHECK { retry 2 } }
}
`;

/** Texts to start from: Debian's samples, those of this repository, one with all of the language, and one of each block. */
export function samples(): Readonly<Record<string, string>> {
  const debian = readdirSync(folder).filter((name) => name.startsWith("keepalived.conf."));
  const own = readdirSync(pairs).filter((name) => name.endsWith(".conf"));
  const blocks = knownBlocks().filter((block) => !/auth_hmac|virtual_server_group|track_group|track_file/.test(block));
  return Object.fromEntries([
    // In a network namespace that is not there, keepalived reads no further.
    ...debian.map((name) => [name, readFileSync(folder + name, "latin1").replace(/^.*net_namespace.*\n/gm, "")]),
    ...own.map((name) => [name, readFileSync(new URL(name, pairs), "utf8")]),
    ...blocks.map((block) => [block, inBlock(block, "")]),
    ["the language", language],
  ]);
}
