import fc from "fast-check";
import { expect, test } from "vitest";
import { arpProbe, macOctets, macText, readArpReply } from "./arp.ts";
import { neighbourSolicitation, readNeighbourAdvertisement, solicitedNodeGroup } from "./neighbour.ts";

const mac = Uint8Array.of(2, 0, 0, 0, 0, 0x1f);

test("an ARP probe is RFC 5227's: broadcast, sender 0.0.0.0; and is no answer", () => {
  expect(arpProbe(mac, "192.0.2.100").toString("hex")).toBe(
    "ffffffffffff02000000001f08060001080006040001" + "02000000001f00000000" + "000000000000c0000264",
  );
  expect(readArpReply(arpProbe(mac, "192.0.2.100"))).toBeNull();
});

test("an answer says who has the address", () => {
  const reply = arpProbe(mac, "0.0.0.0");
  reply[21] = 2;
  reply.set([192, 0, 2, 100], 28);
  expect(readArpReply(reply)).toEqual({ address: "192.0.2.100", mac: "02:00:00:00:00:1f" });
});

test("a solicitation asks the group of the address, with our own MAC", () => {
  expect(solicitedNodeGroup("2001:db8::12:3456")).toBe("ff02::1:ff12:3456");
  const message = neighbourSolicitation(mac, "2001:db8::100");
  expect(message.toString("hex")).toBe(`8700000000000000${"20010db8000000000000000000000100"}0101${"02000000001f"}`);
  expect(readNeighbourAdvertisement(message)).toBeNull();
  message[0] = 136;
  expect(readNeighbourAdvertisement(message)).toBeNull();
  message[24] = 2;
  expect(readNeighbourAdvertisement(message)).toEqual({ address: "2001:db8::100", mac: "02:00:00:00:00:1f" });
});

test("MAC addresses as text", () => {
  expect(macText(mac)).toBe("02:00:00:00:00:1f");
  expect(macOctets("02:00:00:00:00:1f")).toEqual(mac);
  for (const text of ["", "02:00", "xx:00:00:00:00:00", "00:00:00:00:00:100"]) expect(macOctets(text)).toBeNull();
});

test("garbage is no answer and no error", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (octets) => {
      readArpReply(Buffer.from(octets));
      readNeighbourAdvertisement(Buffer.from([136, ...octets]));
    }),
  );
});
