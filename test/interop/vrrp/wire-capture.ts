import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { GRATUITOUS_ARP_BYTES, writeGratuitousArp } from "../../../src/vrrp/packet/gratuitous-arp.ts";
import { virtualRouterMac } from "../../../src/vrrp/packet/mac-address.ts";
import { until } from "../../e2e/lbctl.ts";
import type { Node } from "./ethernet.ts";
import { sendFrame } from "./send-frame.ts";

export type Frame = Readonly<Record<string, string>>;

/** What tshark tells of a captured advert; what differs between any two adverts of one router is left out. */
export const advertFields = [
  ...["eth.src", "eth.dst", "ip.src", "ip.dst", "ip.ttl", "ip.dsfield", "ip.flags", "ip.len", "ip.proto"],
  ...["ip.checksum.status", "ipv6.src", "ipv6.dst", "ipv6.hlim", "ipv6.tclass", "ipv6.plen", "ah.length"],
  ...["vrrp.version", "vrrp.type", "vrrp.virt_rtr_id", "vrrp.prio", "vrrp.addr_count", "vrrp.checksum.status"],
  ...["vrrp.auth_type", "vrrp.auth_string", "vrrp.adver_int", "vrrp.short_adver_int", "vrrp.ip_addr", "vrrp.ipv6_addr"],
  ...["_ws.malformed"],
];

/** Nobody else announces this. */
const lastFrame = Buffer.alloc(GRATUITOUS_ARP_BYTES);
writeGratuitousArp(lastFrame, 0, virtualRouterMac("inet", 255), "203.0.113.255");

/** Everything of VRRP and BFD, and who announces what, on one interface of a node. */
export class WireCapture {
  readonly #node: Node;
  readonly #device: string;
  readonly #file: string;
  readonly #dumpcap: ChildProcess;

  private constructor(node: Node, device: string, file: string, dumpcap: ChildProcess) {
    this.#node = node;
    this.#device = device;
    this.#file = file;
    this.#dumpcap = dumpcap;
  }

  static async start(node: Node, device: string, directory: string): Promise<WireCapture> {
    const file = join(directory, `${node.name}-${device}.pcap`);
    const filter = "ip proto 112 or ip proto 51 or ip6 proto 112 or arp or icmp6 or udp portrange 3784-4784";
    const words = node.inside("dumpcap", "-q", "-P", "-i", device, "-f", filter, "-w", file);
    const dumpcap = spawn(...words, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    dumpcap.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    await until(
      "dumpcap captures",
      () => said.includes("File:"),
      () => said,
    );
    return new WireCapture(node, device, file, dumpcap);
  }

  /** Ends the capture. */
  async stop(): Promise<void> {
    if (this.#dumpcap.exitCode !== null || this.#dumpcap.signalCode !== null) return;
    const ended = once(this.#dumpcap, "exit");
    this.#dumpcap.kill("SIGINT");
    await ended;
  }

  async #end(): Promise<void> {
    if (this.#dumpcap.exitCode === null) await this.#settle();
    await this.stop();
  }

  /** All adverts as tcpdump prints them, a line each, without their times. Ends the capture, which has all until now. */
  async printedAdverts(): Promise<string[]> {
    await this.#end();
    const words = ["-r", this.#file, "-Z", "root", "-n", "-v", "-t", "ip proto 112 or ip proto 51 or ip6 proto 112"];
    const { stdout } = await promisify(execFile)("tcpdump", words, { maxBuffer: 64 * 1024 * 1024 });
    return stdout.replace(/\n\s+/g, " ").split("\n").filter(Boolean);
  }

  /** Frames that a display filter of Wireshark lets pass, by their fields. Ends the capture, which has all until now. */
  async frames(filter: string, fields: readonly string[] = advertFields): Promise<Frame[]> {
    await this.#end();
    const { stdout } = await promisify(execFile)(
      "tshark",
      [
        ...["-r", this.#file, "-Y", filter, "-o", "ip.check_checksum:TRUE", "-T", "fields"],
        ...fields.flatMap((name) => ["-e", name]),
      ],
      { maxBuffer: 64 * 1024 * 1024 },
    );
    const rows = stdout.split("\n").filter((row) => row.trim() !== "");
    return rows.map((row) => Object.fromEntries(row.split("\t").map((value, at) => [fields[at], value])));
  }

  /** How often these octets are in the frames captured until now, or somewhat before. */
  times(octets: Buffer): number {
    const captured = readFileSync(this.#file);
    let times = 0;
    for (let at = captured.indexOf(octets); at >= 0; at = captured.indexOf(octets, at + octets.length)) times++;
    return times;
  }

  /** The kernel hands frames over in blocks, and what dumpcap has not read when it ends is lost: one more frame tells that it has. */
  async #settle(): Promise<void> {
    sendFrame(this.#node, this.#device, lastFrame);
    await until("the capture has its last frame", () => this.times(lastFrame) > 0);
  }
}
