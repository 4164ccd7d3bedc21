import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { addressFamily } from "ipvs-netlink";
import { countFailure, type Forwarder, type ForwarderContext } from "./forwarder.ts";
import { UdpSession } from "./udp-session.ts";

/** Each session holds a socket: above this many the one that was silent longest makes room. */
const maxSessions = 8192;

/**
 * Binds the service's address and port and forwards each client's datagrams to the destination scheduled for it.
 * Rejects with the error of bind(2).
 */
export async function bindUdp(context: ForwarderContext): Promise<Forwarder> {
  const { address, port } = context.key;
  const socket = createUdpSocket(address);
  await new Promise<void>((resolve, reject) => {
    socket.once("error", (error) => {
      socket.close();
      reject(error);
    });
    socket.bind({ address, port, exclusive: true }, () => {
      socket.removeAllListeners("error");
      resolve();
    });
  });
  socket.on("error", (error) => countFailure(context.failures, error));
  return forwardDatagrams(socket, context);
}

function forwardDatagrams(socket: Socket, context: ForwarderContext): Forwarder {
  const { state, failures, nowS } = context;
  /** By client, the one that was silent longest first. */
  const sessions = new Map<string, UdpSession>();
  /** Their destination was removed: they still carry answers for a moment. */
  const leaving = new Set<UdpSession>();

  const open = (client: RemoteInfo): UdpSession | null => {
    const destination = state.schedule(client);
    if (destination === null) {
      failures.noDestination++;
      return null;
    }
    const [oldest] = sessions.size >= maxSessions ? sessions : [];
    if (oldest !== undefined) {
      sessions.delete(oldest[0]);
      oldest[1].close(nowS());
    }
    state.meter.connection();
    return new UdpSession({
      context,
      destination,
      socket: createUdpSocket(destination.settings.address),
      client,
      service: socket,
    });
  };

  socket.on("message", (datagram, client) => {
    const name = `${client.address} ${client.port}`;
    let session = sessions.get(name);
    if (session !== undefined && !session.destination.inTable) {
      session.leave(nowS());
      leaving.add(session);
      session = undefined;
    }
    session ??= open(client) ?? undefined;
    if (session === undefined) return void sessions.delete(name);
    // Re-inserted at the end, so that the order of the map is the order of silence.
    sessions.delete(name);
    sessions.set(name, session);
    session.send(datagram);
  });

  return {
    expire(now) {
      for (const [name, session] of sessions) {
        if (!session.expired(now)) continue;
        sessions.delete(name);
        session.close(now);
      }
      for (const session of leaving) {
        if (!session.expired(now)) continue;
        leaving.delete(session);
        session.close(now);
      }
    },
    close() {
      for (const session of [...sessions.values(), ...leaving]) session.close(nowS());
      sessions.clear();
      leaving.clear();
      socket.close();
    },
  };
}

function createUdpSocket(address: string): Socket {
  const inet6 = addressFamily(address) === "inet6";
  return createSocket({
    type: inet6 ? "udp6" : "udp4",
    ipv6Only: inet6,
    // Only literal addresses come here; answering at once saves a turn of the event loop for each datagram.
    lookup: (host, _options, callback) => callback(null, host, inet6 ? 6 : 4),
  });
}
