/**
 * OpenSSL's own groups, in another order: it would send a share of X25519MLKEM768 as well, which makes the dearest part of a handshake
 * half as dear again, and protects what passes now from who decrypts it in years. Checks have no secrets. A server that takes nothing
 * else asks for it (RFC 8446 4.1.4). "?": also where it is not known.
 */
const groups = "?*X25519:?secp256r1:?X448:?secp384r1:?secp521r1:?ffdhe2048:?ffdhe3072:?X25519MLKEM768";

const versions: Readonly<Record<string, number>> = {
  TLSv1: 0x301,
  "TLSv1.1": 0x302,
  "TLSv1.2": 0x303,
  "TLSv1.3": 0x304,
};

/** The same settings as those of Node's own TLS clients (`tls.DEFAULT_CIPHERS`, `tls.DEFAULT_MIN_VERSION`), for `prepareTls`. */
export function tlsSettings(
  defaultCiphers: string,
  defaultMinVersion: string,
): { readonly minVersion: number; readonly strings: Uint8Array } {
  const names = defaultCiphers.split(":");
  const isSuite = (name: string) => name.startsWith("TLS_");
  const ciphers = names.filter((name) => !isSuite(name)).join(":");
  const cipherSuites = names.filter(isSuite).join(":");
  const strings = [ciphers, cipherSuites, groups].map((text) => `${text}\0`).join("");
  return { minVersion: versions[defaultMinVersion] ?? 0x303, strings: Buffer.from(strings, "latin1") };
}
