const AF_UNIX = 1;

/**
 * struct sockaddr_un: family in host order (little endian on every machine that is supported), path, zero. "@name" is the abstract
 * socket of that name, as systemd writes it (unix(7)).
 */
export function unixAddress(path: string): Uint8Array {
  const family = Buffer.from([AF_UNIX, 0]);
  const zero = Buffer.from([0]);
  return path.startsWith("@")
    ? Buffer.concat([family, zero, Buffer.from(path.slice(1))])
    : Buffer.concat([family, Buffer.from(path), zero]);
}
