import type { StatusDocument } from "../../control/status-document.ts";

/** How urgent it is for who looks. */
export type Level = "good" | "attention" | "bad";

export interface Assessment {
  readonly level: Level;
  /** The one line at the top. */
  readonly summary: string;
  /** What is not as it should be, most urgent first. */
  readonly notices: readonly { readonly level: Level; readonly text: string }[];
}

/** What somebody who is woken by an alert has to know first. Pure. */
export function assess(status: StatusDocument): Assessment {
  const notices = [...ofDaemon(status), ...ofVrrp(status), ...ofServers(status)].toSorted(
    (a, b) => Number(b.level === "bad") - Number(a.level === "bad"),
  );
  const level = notices.some((notice) => notice.level === "bad") ? "bad" : notices.length > 0 ? "attention" : "good";
  return { level, summary: summaries[level], notices };
}

type Notice = Assessment["notices"][number];

const summaries = {
  good: "Everything is as it should be",
  attention: "Works, and something needs a look",
  bad: "Something is broken",
} as const;

function ofDaemon({ daemon }: StatusDocument): Notice[] {
  const notices: Notice[] = [];
  if (daemon.data_plane_unavailable !== null) {
    notices.push({ level: "bad", text: `The table cannot be reached: ${daemon.data_plane_unavailable}` });
  }
  if (daemon.reload_refused !== null) {
    const text = `The configuration on disk was refused, the one before is in force: ${daemon.reload_refused.reason}`;
    notices.push({ level: "attention", text });
  }
  for (const role of ["checker", "vrrp", "bfd"] as const) {
    if (daemon[role] === "restarting") notices.push({ level: "bad", text: `The ${role} process is being restarted` });
    if (daemon[role] === "starting") notices.push({ level: "attention", text: `The ${role} process is starting` });
  }
  return notices;
}

function ofVrrp({ vrrp_instances: instances, bfd_instances: sessions }: StatusDocument): Notice[] {
  const faults = instances.filter(({ state }) => state === "fault");
  const incomplete = instances.filter(
    ({ state, addresses }) => state === "master" && addresses.some(({ present }) => !present),
  );
  const down = sessions.filter(({ state, settling }) => state !== "up" && !settling);
  return [
    ...faults.map(
      ({ name, reason }): Notice => ({ level: "bad", text: `VRRP instance ${name} is in fault: ${reason}` }),
    ),
    ...incomplete.map(({ name }): Notice => {
      return { level: "bad", text: `VRRP instance ${name} is master, and addresses of it are missing` };
    }),
    ...down.map(
      ({ name, reason }): Notice => ({ level: "attention", text: `BFD session ${name} is not up: ${reason}` }),
    ),
  ];
}

/** Names that are listed; of more the number has to do. */
const listed = 5;

function ofServers({ virtual_servers: servers }: StatusDocument): Notice[] {
  const notices: Notice[] = [];
  const names = (of: readonly { readonly name: string }[]): string => {
    const shown = of.slice(0, listed).map(({ name }) => name);
    return of.length > listed ? `${shown.join(", ")} and ${of.length - listed} more` : shown.join(", ");
  };
  const down = servers.filter(({ state }) => state === "down");
  const refused = servers.filter((server) => server.refused.length > 0);
  const panic = servers.filter((server) => server.panic?.active);
  const sorry = servers.filter(({ sorry_server }) => sorry_server?.in_service);
  const realDown = servers.flatMap(({ real_servers }) => real_servers.filter(({ state }) => state === "down")).length;
  if (down.length > 0) notices.push({ level: "bad", text: `Quorum lost: ${names(down)}` });
  if (refused.length > 0) notices.push({ level: "bad", text: `The data plane refuses parts of ${names(refused)}` });
  if (panic.length > 0) notices.push({ level: "bad", text: `Panic, all real servers take traffic: ${names(panic)}` });
  if (sorry.length > 0) notices.push({ level: "bad", text: `The sorry server is in service: ${names(sorry)}` });
  if (realDown > 0) {
    notices.push({ level: "attention", text: `${realDown} real ${realDown === 1 ? "server is" : "servers are"} down` });
  }
  return notices;
}
