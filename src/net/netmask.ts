/** Prefix length of an IPv4 netmask in dotted form; null when its ones are not contiguous. */
export function prefixLengthOfNetmask(netmask: string): number | null {
  const bits = netmask
    .split(".")
    .map((octet) => Number(octet).toString(2).padStart(8, "0"))
    .join("");
  const ones = bits.indexOf("0");
  const length = ones < 0 ? bits.length : ones;
  return bits.includes("1", length) ? null : length;
}
