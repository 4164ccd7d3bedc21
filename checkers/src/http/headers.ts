/** How the end of a body is known (RFC 9112 6.3). */
export type BodyLength =
  | { readonly kind: "sized"; readonly bytes: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "until-close" }
  | { readonly kind: "invalid"; readonly detail: string };

/** The fields of a header section that decide where the body ends; the others are only checked for form. */
export class HeaderSection {
  #lastName: string | null = null;
  #contentLengths: string[] = [];
  #transferCodings: string[] = [];

  /** Takes one line without its line end. False when it is no field line. */
  add(line: string): boolean {
    if (line.startsWith(" ") || line.startsWith("\t")) return this.#fold(line);
    const colon = line.indexOf(":");
    // A name is a token (RFC 9110 5.6.2); servers that put a space before the colon are common enough to live with.
    const name = line.slice(0, Math.max(0, colon)).trimEnd().toLowerCase();
    if (name === "" || !/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name)) return false;
    this.#lastName = name;
    this.#value(name, line.slice(colon + 1));
    return true;
  }

  /** Transfer-Encoding wins over Content-Length; a list of equal lengths is one length (RFC 9112 6.3). */
  bodyLength(): BodyLength {
    if (this.#transferCodings.length > 0) {
      return { kind: this.#transferCodings.at(-1) === "chunked" ? "chunked" : "until-close" };
    }
    const lengths = new Set(this.#contentLengths);
    const [first] = lengths;
    if (first === undefined) return { kind: "until-close" };
    if (lengths.size > 1) return { kind: "invalid", detail: "several different Content-Length" };
    if (!/^[0-9]{1,15}$/.test(first)) return { kind: "invalid", detail: "Content-Length is not a number" };
    return { kind: "sized", bytes: Number(first) };
  }

  /** obs-fold, a value that goes on in the next line (RFC 9112 5.2). */
  #fold(line: string): boolean {
    if (this.#lastName === null) return false;
    this.#value(this.#lastName, line);
    return true;
  }

  #value(name: string, value: string): void {
    if (name !== "content-length" && name !== "transfer-encoding") return;
    const members = value
      .split(",")
      .map((member) => member.trim().toLowerCase())
      .filter((member) => member !== "");
    if (name === "transfer-encoding") this.#transferCodings.push(...members);
    else this.#contentLengths.push(...(members.length > 0 ? members : [""]));
  }
}
