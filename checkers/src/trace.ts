/** What is seen of an exchange under way, for people who look into one check. */
export type ProbeStep =
  | { readonly kind: "started"; readonly url: string | null; readonly address: string; readonly port: number }
  | { readonly kind: "connected"; readonly from: string }
  | { readonly kind: "secured"; readonly tls: TlsFacts }
  | { readonly kind: "sent"; readonly bytes: Uint8Array }
  | { readonly kind: "received"; readonly bytes: Uint8Array }
  | { readonly kind: "closed" };

export interface TlsFacts {
  readonly protocol: string;
  readonly cipher: string;
  /** Null: the server showed none. */
  readonly certificate: CertificateFacts | null;
}

export interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  readonly names: string;
  readonly validFromEpochMs: number;
  readonly validToEpochMs: number;
  /** Why it would not be trusted, by the authorities at hand; null: it would. */
  readonly problem: string | null;
}

/** Told of each step as it happens; must not throw. */
export type Trace = (step: ProbeStep) => void;
