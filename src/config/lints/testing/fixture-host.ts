import type { PathFact } from "../../../notify/script-security.ts";
import type { HostFacts } from "../host-facts.ts";

const part = (path: string, kind: PathFact["kind"], mode: number, uid = 0): PathFact => {
  return { path, kind, uid, gid: uid, mode };
};
const root = part("/", "directory", 0o755);
const etc = part("/etc", "directory", 0o755);

/** The host that the fixtures are linted for. */
export const fixtureHost: HostFacts = {
  interfaces: ["lo", "eth0", "eth1"],
  addresses: [
    { interface: "lo", address: "127.0.0.1", prefixLength: 8 },
    { interface: "eth0", address: "192.0.2.2", prefixLength: 24 },
    { interface: "eth1", address: "198.51.100.2", prefixLength: 24 },
  ],
  programs: {
    "/etc/lb/good": [root, etc, part("/etc/lb/good", "file", 0o755)],
    "/etc/lb/absent": [root, etc, part("/etc/lb", "missing", 0)],
    "/etc/lb/notes": [root, etc, part("/etc/lb/notes", "file", 0o644)],
    "/srv/scripts/tell": [root, part("/srv/scripts", "directory", 0o777), part("/srv/scripts/tell", "file", 0o755)],
    "/home/eve/tell": [root, part("/home/eve", "directory", 0o755, 1001), part("/home/eve/tell", "file", 0o755, 1001)],
    killall: null,
  },
  users: {
    root: { uid: 0, gid: 0, groups: [] },
    eve: { uid: 1001, gid: 1001, groups: [1001] },
    keepalived_script: null,
  },
  fileModes: { "vrrp.yaml": 0o644, "vrrp.conf": 0o644, "strict.conf": 0o600, "strict.yaml": 0o600 },
  keyFiles: {
    "/etc/lbctl/absent.key": { problem: "there is no such file" },
    "/etc/lbctl/vrrp.key": { mode: 0o644 },
    "/etc/lbctl/good.key": { mode: 0o600 },
  },
};
