// The other end of native/netlink-by-socket.c, an IPVS kernel in memory: node kernel-server.ts SOCKET
// Says "+ ADDRESS MS" and "- ADDRESS MS" for each destination that comes or goes, in milliseconds since the epoch.
import { createServer } from "node:net";
import { performance } from "node:perf_hooks";
import { formatAddress } from "ipvs-netlink";
import { FakeKernel } from "ipvs-netlink/fake";

// linux/ip_vs.h
const IPVS_CMD_NEW_DEST = 5;
const IPVS_CMD_DEL_DEST = 7;
/** nlmsg_pid of struct nlmsghdr. */
const portIdOffset = 12;

const kernel = new FakeKernel({ receiveBufferBytes: 256 * 1024 * 1024 });
kernel.refuse = (command, { destination }) => {
  const sign = command === IPVS_CMD_NEW_DEST ? "+" : command === IPVS_CMD_DEL_DEST ? "-" : null;
  if (sign !== null && destination?.address !== undefined) {
    const atMs = performance.timeOrigin + performance.now();
    process.stdout.write(`${sign} ${formatAddress("inet", destination.address)} ${atMs.toFixed(1)}\n`);
  }
  return null;
};

createServer((socket) => {
  let pending = Buffer.alloc(0);
  let netlink: ReturnType<FakeKernel["open"]> | null = null;
  socket.on("error", () => {});
  socket.on("data", (bytes) => {
    pending = pending.length === 0 ? bytes : Buffer.concat([pending, bytes]);
    while (pending.length >= 4 && pending.length >= 4 + pending.readUInt32LE(0)) {
      const end = 4 + pending.readUInt32LE(0);
      const request = new Uint8Array(pending.subarray(4, end));
      pending = pending.subarray(end);
      netlink ??= kernel.open(Buffer.from(request.buffer).readUInt32LE(portIdOffset));
      netlink.send(request);
      socket.write(answerOf(netlink));
    }
  });
}).listen(process.argv[2], () => process.stdout.write("ready\n"));

/** Every datagram behind its length, and a length of 0. */
function answerOf(netlink: ReturnType<FakeKernel["open"]>): Buffer {
  const parts: Buffer[] = [];
  const visit = (memory: { readonly u8: Uint8Array }, start: number, end: number) => {
    parts.push(length(end - start), Buffer.from(memory.u8.subarray(start, end)));
  };
  while (netlink.receive("few-long", visit) > 0);
  return Buffer.concat([...parts, length(0)]);
}

function length(octets: number): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(octets);
  return head;
}
