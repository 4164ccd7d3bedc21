import fc from "fast-check";
import { canonicalAddress } from "ipvs-netlink";
import type { AdvertSettings } from "../advert.ts";
import { passwordOctets } from "../authentication-header.ts";
import type { Sequence } from "../sequence.ts";

/** An advert and what changes from one to the next. */
export interface SentAdvert {
  readonly settings: AdvertSettings;
  readonly priority: number;
  readonly sequence: Sequence;
}

const inet = () => fc.ipV4().map(canonical);
const inet6 = () => fc.ipV6().map(canonical);

function canonical(text: string): string {
  const address = canonicalAddress(text);
  if (address === null) throw new Error(`"${text}" is no address`);
  return address;
}

const octet = (min: number) => fc.integer({ min, max: 255 });
const word = () => fc.nat({ max: 0xffff_ffff });

const password = () =>
  fc.record({
    type: fc.constantFrom("PASS" as const, "AH" as const),
    password: fc.string({ maxLength: 12 }).map(passwordOctets),
  });

const common = { virtualRouterId: octet(1), ttl: octet(0), signed: fc.boolean() };

const version2 = (): fc.Arbitrary<AdvertSettings> =>
  fc.record({
    ...common,
    ...{ family: fc.constant("inet"), version: fc.constant(2), checksum: fc.constant("message") },
    advertMs: octet(1).map((seconds) => seconds * 1000),
    addresses: fc.array(inet(), { maxLength: 255 }),
    ...{ source: inet(), destination: inet() },
    authentication: fc.option(password()),
  });

const version3 = (family: "inet" | "inet6"): fc.Arbitrary<AdvertSettings> => {
  const address = family === "inet" ? inet : inet6;
  return fc.record({
    ...common,
    ...{ family: fc.constant(family), version: fc.constant(3), authentication: fc.constant(null) },
    checksum: family === "inet" ? fc.constantFrom("message", "pseudo-header") : fc.constant("pseudo-header"),
    advertMs: fc.integer({ min: 1, max: 0xfff }).map((hundredths) => hundredths * 10),
    addresses: fc.array(address(), { maxLength: 255 }),
    ...{ source: address(), destination: address() },
  });
};

/** Adverts of every version, family, checksum and authentication. */
export function sentAdverts(): fc.Arbitrary<SentAdvert> {
  return fc.record({
    settings: fc.oneof(version2(), version3("inet"), version3("inet6")),
    priority: octet(0),
    sequence: fc.record({ high: word(), low: word() }),
  });
}
