/** An address as 32-bit words in host order: one for IPv4, four for IPv6. The text is canonical. */
export function addressWords(address: string): readonly number[] {
  const [text = ""] = address.split("%");
  if (!text.includes(":")) return [ipv4Word(text)];
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (dotted !== null) {
    const word = ipv4Word(dotted[2] ?? "");
    return groupWords(`${dotted[1]}${(word >>> 16).toString(16)}:${(word & 0xffff).toString(16)}`);
  }
  return groupWords(text);
}

function ipv4Word(text: string): number {
  return text.split(".").reduce((word, octet) => word * 256 + Number(octet), 0);
}

function groupWords(text: string): readonly number[] {
  const [head = "", tail] = text.split("::");
  const groups = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
  const first = groups(head);
  const last = tail === undefined ? [] : groups(tail);
  const all = [...first, ...new Array<number>(8 - first.length - last.length).fill(0), ...last];
  return [0, 2, 4, 6].map((at) => (all[at] ?? 0) * 65536 + (all[at + 1] ?? 0));
}
