import { GRATUITOUS_ARP_BYTES, writeGratuitousArp } from "../packet/gratuitous-arp.ts";
import { NEIGHBOUR_ADVERTISEMENT_BYTES, writeNeighbourAdvertisement } from "../packet/neighbour-advertisement.ts";

/** An address that neighbours are told of, and where. */
export interface AnnouncedAddress {
  readonly address: string;
  readonly family: "inet" | "inet6";
  readonly link: { readonly name: string; readonly index: number; readonly mac: string };
  /** This machine forwards IPv6 on that interface. */
  readonly router: boolean;
}

/** The Ethernet frame by which neighbours learn where an address is: gratuitous ARP, or an unsolicited neighbour advertisement. */
export function announcementFrame({ address, family, link, router }: AnnouncedAddress): Buffer {
  const mac = Buffer.from(link.mac.replaceAll(":", ""), "hex");
  if (family === "inet") {
    const frame = Buffer.alloc(GRATUITOUS_ARP_BYTES);
    writeGratuitousArp(frame, 0, mac, address);
    return frame;
  }
  const frame = Buffer.alloc(NEIGHBOUR_ADVERTISEMENT_BYTES);
  writeNeighbourAdvertisement(frame, 0, { mac, address, router });
  return frame;
}
