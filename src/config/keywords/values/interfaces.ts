import { invalid, type ParsedValue, tooMany, type ValueType, valid } from "../value-type.ts";
import { address } from "./address.ts";
import { interfaceName } from "./text.ts";

/** What use_vmac has behind it. Five octets of a MAC address are completed by the VRID. */
export interface Vmac {
  readonly interface: string | null;
  readonly mac: string | null;
}

const MAC = /^(?:[0-9a-f]{1,2}:){4,5}[0-9a-f]{1,2}$/i;

/** `[name] [MAC]`, in either order. */
export const vmac: ValueType<Vmac> = {
  name: "[interface] [MAC address]",
  expected: "nothing, or the name of the interface to make, or its MAC address of 5 or 6 octets, or both",
  shape: "words",
  parse: (words): ParsedValue<Vmac> => {
    let name: string | null = null;
    let mac: string | null = null;
    for (const [index, word] of words.entries()) {
      if (word.includes(":")) {
        if (mac !== null) return tooMany(index);
        if (!MAC.test(word)) return invalid("a MAC address is 5 or 6 octets: 00:00:5e:00:01", index);
        if (Number.parseInt(word, 16) % 2 === 1) return invalid("this is a multicast address", index);
        mac = macText(word);
      } else {
        if (name !== null) return tooMany(index);
        if (!interfaceName.parse([word]).ok) return invalid(interfaceName.expected, index);
        name = word;
      }
    }
    return valid({ interface: name, mac });
  },
  format: (value) => [value.interface, value.mac].filter((each) => each !== null).join(" "),
  input(z) {
    return z.union([z.null(), z.string()]);
  },
};

function macText(word: string): string {
  return word
    .toLowerCase()
    .split(":")
    .map((octet) => octet.padStart(2, "0"))
    .join(":");
}

export interface Ipvlan {
  readonly interface: string | null;
  readonly address: string | null;
  readonly prefixLength: number | null;
  readonly mode: "bridge" | "private" | "vepa";
}

const modes = ["bridge", "private", "vepa"] as const;

/** `[name] [address[/prefix]] [bridge|private|vepa]`, in any order. */
export const ipvlan: ValueType<Ipvlan> = {
  name: "[interface] [address] [bridge | private | vepa]",
  expected: "nothing, or the name of the interface to make, its address and its mode",
  shape: "words",
  parse: (words): ParsedValue<Ipvlan> => {
    let name: string | null = null;
    let place: { readonly address: string; readonly prefixLength: number | null } | null = null;
    let mode: Ipvlan["mode"] | null = null;
    for (const [index, word] of words.entries()) {
      const known = modes.find((each) => each === word);
      const [bare = "", prefix] = word.split("/");
      const parsed = address.parse([bare]);
      if (known !== undefined && mode === null) mode = known;
      else if (parsed.ok && place === null) {
        const prefixLength = prefix === undefined ? null : prefixOf(prefix, parsed.value);
        if (Number.isNaN(prefixLength)) return invalid("the prefix is longer than the address", index);
        place = { address: parsed.value, prefixLength };
      } else if (known === undefined && !parsed.ok && name === null && interfaceName.parse([word]).ok) name = word;
      else return name === null ? invalid(null, index) : tooMany(index);
    }
    return valid({ interface: name, ...(place ?? { address: null, prefixLength: null }), mode: mode ?? "bridge" });
  },
  format: ({ interface: name, address: ip, prefixLength, mode }) =>
    [name, ip === null || prefixLength === null ? ip : `${ip}/${prefixLength}`, mode]
      .filter((each) => each !== null)
      .join(" "),
  input(z) {
    return z.union([z.null(), z.string()]);
  },
};

/** NaN when it is none. */
function prefixOf(text: string, ip: string): number {
  const longest = ip.includes(":") ? 128 : 32;
  return /^[0-9]{1,3}$/.test(text) && Number(text) <= longest ? Number(text) : Number.NaN;
}
