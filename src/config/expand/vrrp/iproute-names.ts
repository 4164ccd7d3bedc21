/** Numbers that have names in /etc/iproute2. */
export interface IprouteNames {
  readonly tables: NumbersByName;
  readonly protocols: NumbersByName;
  readonly scopes: NumbersByName;
  readonly dsfields: NumbersByName;
  readonly realms: NumbersByName;
  readonly groups: NumbersByName;
}

export type NumbersByName = Readonly<Record<string, number>>;

/** Those of linux/rtnetlink.h and RFC 2474, which every host has. */
export const everywhere: IprouteNames = {
  tables: { unspec: 0, default: 253, main: 254, local: 255 },
  protocols: {
    unspec: 0,
    redirect: 1,
    kernel: 2,
    boot: 3,
    static: 4,
    gated: 8,
    ra: 9,
    mrt: 10,
    zebra: 11,
    bird: 12,
    dnrouted: 13,
    xorp: 14,
    ntk: 15,
    dhcp: 16,
    mrouted: 17,
    keepalived: 18,
    babel: 42,
    openr: 99,
    bgp: 186,
    isis: 187,
    ospf: 188,
    rip: 189,
    eigrp: 192,
  },
  scopes: { global: 0, site: 200, link: 253, host: 254, nowhere: 255 },
  dsfields: {
    default: 0x00,
    AF11: 0x28,
    AF12: 0x30,
    AF13: 0x38,
    AF21: 0x48,
    AF22: 0x50,
    AF23: 0x58,
    AF31: 0x68,
    AF32: 0x70,
    AF33: 0x78,
    AF41: 0x88,
    AF42: 0x90,
    AF43: 0x98,
    CS1: 0x20,
    CS2: 0x40,
    CS3: 0x60,
    CS4: 0x80,
    CS5: 0xa0,
    CS6: 0xc0,
    CS7: 0xe0,
    EF: 0xb8,
  },
  realms: { cosmos: 0 },
  groups: { default: 0 },
};

/** A file of /etc/iproute2: lines of a number, decimal or with 0x, and its name. What is no such line is skipped, as by "ip". */
export function parseNames(text: string): NumbersByName {
  const entries = text.split("\n").flatMap((line): [string, number][] => {
    const match = /^\s*(0x[0-9a-f]+|[0-9]+)\s+([^\s#]+)/i.exec(line);
    return match === null ? [] : [[match[2] as string, Number(match[1])]];
  });
  return Object.fromEntries(entries);
}

/** The number that a word is or means; null when nothing has that name. */
export function numberNamed(word: string, names: NumbersByName, max: number): number | null {
  const number = /^(?:0x[0-9a-f]+|[0-9]+)$/i.test(word)
    ? Number(word)
    : Object.hasOwn(names, word)
      ? names[word]
      : null;
  return number !== undefined && number !== null && number <= max ? number : null;
}
