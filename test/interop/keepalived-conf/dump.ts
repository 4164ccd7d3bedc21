import { execFile } from "node:child_process";
import type { VirtualAddress } from "../../../src/config/network-model.ts";
import type { VrrpInstance, VrrpModel } from "../../../src/config/vrrp-model.ts";

/** What keepalived dumps (-d) of a configuration, alone in namespaces of its own: lines without their time. */
export async function dumpOf(text: string): Promise<string[]> {
  const links =
    "ip link set lo up; ip link add eth0 type veth peer name eth1; ip link add eth2 type veth peer name eth3";
  const up = "for i in 0 1 2 3; do ip link set eth$i up; ip address add 192.0.$i.1/24 dev eth$i; done";
  // Interfaces come last.
  const daemon = `cat >/run/k.conf; keepalived -n -l -d -P -f /run/k.conf >/run/out 2>&1 & pid=$!
    for round in $(seq 600); do grep -q -- "----< Interfaces >" /run/out && break; sleep 0.1; done; kill -KILL $pid; cat /run/out`;
  const stdout = await new Promise<string>((resolve, reject) => {
    const script = `mount -t tmpfs none /run; mount -t tmpfs none /tmp; ${links}; ${up}\n${daemon}`;
    const child = execFile("unshare", ["-nm", "--kill-child", "sh", "-c", script], (error, out) =>
      error === null ? resolve(out) : reject(error),
    );
    child.stdin?.end(text);
  });
  return stdout.split("\n").map((line) => line.replace(/^.*? \d\d:\d\d:\d\d \d{4}: /, ""));
}

/** The lines of a dump that tell what the configuration means: of its sections on VRRP, without what comes and goes. */
export function vrrpLines(dump: readonly string[]): string[] {
  const sections = /^-+< (VRRP Topology|VRRP Sync groups|VRRP Scripts|VRRP Track files|VRRP Track processes) >-+$/;
  const lines: string[] = [];
  let wanted = false;
  for (const line of dump) {
    if (line.startsWith("---")) wanted = sections.test(line);
    else if (wanted && known.some((each) => each.test(line)))
      lines.push(line.trim().replace(/, (ifindex .*|INIT|BACKUP|MASTER|FAULT)$/, ""));
  }
  return lines;
}

/** What is compared; the rest of a dump is state, or what the interfaces are like. */
const known: readonly RegExp[] = [
  /^ (VRRP (Instance|Sync Group|Script|Track process)|Track file) = /,
  /^ {3}VRRP Version = /,
  /^ {3}Wantstate = /,
  /^ {3}Multicast address /,
  /^ {3}Gratuitous ARP (delay|repeat|refresh|lower priority)/,
  /^ {3}Down timer adverts = /,
  /^ {3}Send advert after receive /,
  /^ {3}(Virtual Router ID|Priority|Advert interval|Accept|Preempt|Promote_secondaries) = /,
  /^ {3}(Unicast TTL|Check unicast src) /,
  /^ {5}[0-9a-f:.]+ min_ttl /,
  /^ {5}[0-9a-f:./]+ (brd \S+ )?dev /,
  /^ {3}(Password|Sync group) = /,
  /^ {3}(Interval|Timeout|Weight|Rise|Fall|File|Min processes|Terminate delay|Fork delay|Full command) = /,
];

/** The same lines as they are for a model. */
export function linesOf({ instances, syncGroups, scripts, trackFiles, trackProcesses }: VrrpModel): string[] {
  const weight = (each: { readonly weight: number; readonly reverse: boolean }) =>
    `Weight = ${each.weight}${each.reverse ? " reverse" : ""}`;
  return [
    ...instances.flatMap(linesOfInstance),
    ...syncGroups.map(({ name }) => `VRRP Sync Group = ${name}`),
    ...scripts.flatMap((script) => [
      `VRRP Script = ${script.name}`,
      `Interval = ${script.intervalMs / 1000} sec`,
      // keepalived shows 0 for "as the interval".
      `Timeout = ${script.timeoutMs === script.intervalMs ? 0 : script.timeoutMs / 1000} sec`,
      weight(script),
      `Rise = ${script.rise}`,
      `Fall = ${script.fall}`,
    ]),
    ...trackFiles.flatMap((file) => [`Track file = ${file.name}`, `File = ${file.file}`, weight(file)]),
    ...trackProcesses.flatMap((each) => [
      `VRRP Track process = ${each.name}`,
      `Min processes = ${each.quorum}`,
      weight(each),
      `Terminate delay = ${(each.terminateDelayMs / 1000).toFixed(6)}s`,
      `Fork delay = ${(each.forkDelayMs / 1000).toFixed(6)}s`,
      `Full command = ${each.fullCommand}`,
    ]),
  ];
}

function linesOfInstance(each: VrrpInstance): string[] {
  const { garp, transport } = each;
  const onOff = (on: boolean) => (on ? "enabled" : "disabled");
  return [
    `VRRP Instance = ${each.name}`,
    `VRRP Version = ${each.version}`,
    ...(each.syncGroup === null ? [] : [`Sync group = ${each.syncGroup}`]),
    `Wantstate = ${each.state}`,
    ...(transport.kind === "multicast" ? [`Multicast address ${transport.group}`] : []),
    `Gratuitous ARP delay = ${garp.masterDelayMs / 1000}`,
    `Gratuitous ARP repeat = ${garp.masterRepeat}`,
    `Gratuitous ARP refresh = ${garp.masterRefreshMs / 1000}`,
    `Gratuitous ARP refresh repeat = ${garp.masterRefreshRepeat}`,
    `Gratuitous ARP lower priority delay = ${garp.lowerPrioDelayMs / 1000}`,
    `Gratuitous ARP lower priority repeat = ${garp.lowerPrioRepeat}`,
    `Down timer adverts = ${each.downTimerAdverts}`,
    `Send advert after receive lower priority advert = ${!each.lowerPrioNoAdvert}`,
    `Send advert after receive higher priority advert = ${each.higherPrioSendAdvert}`,
    `Virtual Router ID = ${each.virtualRouterId}`,
    `Priority = ${each.basePriority}`,
    `Advert interval = ${each.version === 2 ? `${each.advertMs / 1000} sec` : `${each.advertMs} milli-sec`}`,
    `Accept = ${onOff(each.accept)}`,
    `Preempt = ${onOff(each.preempt === "always")}`,
    `Promote_secondaries = ${onOff(each.promoteSecondaries)}`,
    ...(each.authentication?.type !== "PASS" ? [] : [`Password = ${each.authentication.password}`]),
    ...[...each.addresses, ...each.excludedAddresses].map(lineOfAddress),
    ...(transport.kind === "unicast"
      ? [
          `Unicast TTL = ${transport.ttl}`,
          `Check unicast src : ${transport.checkSource ? "yes" : "no"}`,
          ...transport.peers.map(({ address, minTtl, maxTtl }) => `${address} min_ttl ${minTtl} max_ttl ${maxTtl}`),
        ]
      : []),
  ];
}

function lineOfAddress({
  address,
  prefixLength,
  family,
  broadcast,
  interface: name,
  label,
  ...each
}: VirtualAddress): string {
  const lifetime =
    each.preferredLifetimeS === 0 ? "deprecated" : `preferred_lft ${each.preferredLifetimeS ?? "forever"}`;
  return [
    prefixLength === (family === "inet" ? 32 : 128) ? address : `${address}/${prefixLength}`,
    ...(broadcast === null ? [] : [`brd ${broadcast}`]),
    `dev ${name} scope ${each.scope === 0 ? "global" : "link"}`,
    ...(label === null ? [] : [`label ${label}`]),
    ...(family === "inet" ? [] : [lifetime]),
  ].join(" ");
}
