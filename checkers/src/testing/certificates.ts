import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TestCertificates {
  /** Path of a file in the directory: ca.pem, and of each name name.pem and name.key. */
  readonly file: (name: string) => string;
}

/** An authority of our own and certificates of it, made with openssl: good (for www.example.org), expired, client. */
export function makeCertificates(): TestCertificates {
  const directory = mkdtempSync(join(tmpdir(), "lbctl-certificates-"));
  const file = (name: string) => join(directory, name);
  const openssl = (...words: string[]) => execFileSync("openssl", words, { cwd: directory, stdio: "pipe" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "30", "-subj", "/CN=Test authority");
  const sign = (name: string, days: string) => {
    const subject = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=DNS:www.example.org"];
    openssl("req", ...key, "-keyout", `${name}.key`, "-out", `${name}.csr`, ...subject);
    const by = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-copy_extensions", "copy"];
    openssl("x509", "-req", "-in", `${name}.csr`, ...by, "-out", `${name}.pem`, "-days", days);
  };
  sign("good", "30");
  sign("client", "30");
  // Valid from now until yesterday: openssl 3.0 signs that, too.
  sign("expired", "-1");
  openssl("pkey", "-in", "client.key", "-aes256", "-passout", "pass:secret", "-out", "client-locked.key");
  return { file };
}
