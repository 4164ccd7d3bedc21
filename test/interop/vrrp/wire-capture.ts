import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import { until } from "../../e2e/lbctl.ts";
import type { Node } from "./ethernet.ts";

export type Frame = Readonly<Record<string, string>>;

/** What tshark tells of a captured advert; what differs between any two adverts of one router is left out. */
export const advertFields = [
  ...["eth.src", "eth.dst", "ip.src", "ip.dst", "ip.ttl", "ip.dsfield", "ip.flags", "ip.len", "ip.proto"],
  ...["ip.checksum.status", "ipv6.src", "ipv6.dst", "ipv6.hlim", "ipv6.tclass", "ipv6.plen", "ah.length"],
  ...["vrrp.version", "vrrp.type", "vrrp.virt_rtr_id", "vrrp.prio", "vrrp.addr_count", "vrrp.checksum.status"],
  ...["vrrp.auth_type", "vrrp.auth_string", "vrrp.adver_int", "vrrp.short_adver_int", "vrrp.ip_addr", "vrrp.ipv6_addr"],
  ...["_ws.malformed"],
];

/** Everything of VRRP, and who announces what, on one interface of a node. */
export class WireCapture {
  readonly #file: string;
  readonly #dumpcap: ChildProcess;

  private constructor(file: string, dumpcap: ChildProcess) {
    this.#file = file;
    this.#dumpcap = dumpcap;
  }

  static async start(node: Node, device: string, directory: string): Promise<WireCapture> {
    const file = join(directory, `${node.name}-${device}.pcap`);
    const filter = "ip proto 112 or ip proto 51 or ip6 proto 112 or arp or icmp6";
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
    return new WireCapture(file, dumpcap);
  }

  /** Ends the capture. */
  async stop(): Promise<void> {
    if (this.#dumpcap.exitCode !== null || this.#dumpcap.signalCode !== null) return;
    const ended = once(this.#dumpcap, "exit");
    this.#dumpcap.kill("SIGINT");
    await ended;
  }

  /** Frames that a display filter of Wireshark lets pass, by their fields. Ends the capture. */
  async frames(filter: string, fields: readonly string[] = advertFields): Promise<Frame[]> {
    await this.stop();
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
}
