import { type Checker, checkers, type FaultLab } from "./fault-lab.ts";

export interface Fault {
  readonly name: string;
  /** Makes it so; answers how it is mended. */
  readonly begin: (lab: FaultLab) => Promise<() => unknown> | (() => unknown);
  /** What each checker says then. */
  readonly says: Readonly<Record<Checker, RegExp | "up">>;
}

type Says = Fault["says"];
const all = (says: RegExp | "up", but: Partial<Says> = {}): Says => ({
  ...(Object.fromEntries(checkers.map((name) => [name, says])) as Says),
  ...but,
});
/** A machine that says nothing: connections are not made, datagrams not answered. */
const silent = (seconds: string): Says => {
  const noAnswer = new RegExp(`no answer within ${seconds} s$`);
  const script = new RegExp(`^script did not end within ${seconds} s$`);
  const datagrams = { DNS_CHECK: noAnswer, UDP_CHECK: noAnswer, PING_CHECK: noAnswer };
  return all(new RegExp(`no connection within ${seconds} s$`), { ...datagrams, MISC_CHECK: script });
};
export const everythingUp = all("up");
const script = /^script exited with 1$/;

/** Of the network and of this machine, while everything runs. */
export const networkFaults = (seconds: string): readonly Fault[] => [
  {
    name: "a packet filter drops everything",
    begin: (lab) => lab.filter("drop"),
    says: silent(seconds),
  },
  {
    name: "the route is taken away",
    begin: (lab) => {
      lab.removeRoute();
      return lab.addRoute;
    },
    says: all(/network unreachable \(ENETUNREACH\)$/, { MISC_CHECK: script }),
  },
  {
    name: "the source address is taken away",
    begin: (lab) => {
      lab.removeSource();
      return lab.addSource;
    },
    // The script asks from anywhere.
    says: all(
      /^(\/: )?local error, not the server's: source address is not on this machine.* \(bind: EADDRNOTAVAIL\)$/,
      {
        MISC_CHECK: "up",
      },
    ),
  },
  {
    name: "no descriptor is left",
    begin: (lab) => lab.takeDescriptors(),
    says: all(/local error, not the server's: too many open files of this process \(socket: EMFILE\)$/, {
      MISC_CHECK: "up",
    }),
  },
];

/** More of them: routes that lead nowhere, rejections, a cable that is pulled. */
export const furtherNetworkFaults = (seconds: string): readonly Fault[] => [
  ...["blackhole", "unreachable", "prohibit"].map((kind): Fault => {
    const says = {
      blackhole: /local error, not the server's: invalid address, or a blackhole route leads there \(\w+: EINVAL\)$/,
      unreachable: /host unreachable \(EHOSTUNREACH\)$/,
      prohibit: /local error, not the server's: not permitted, perhaps a prohibit route leads there \(\w+: EACCES\)$/,
    }[kind] as RegExp;
    return {
      name: `a ${kind} route`,
      begin: (lab) => {
        lab.routeInto(kind);
        return () => lab.endRouteInto(kind);
      },
      says: all(says, { MISC_CHECK: script }),
    };
  }),
  {
    name: "connections are reset by a packet filter, ports said to be unreachable",
    begin: (lab) => {
      const ends = ["meta l4proto tcp reject with tcp reset", "reject with icmp port-unreachable"].map(lab.filter, lab);
      return () => {
        for (const end of ends) end();
      };
    },
    says: all(/connect refused$/, {
      DNS_CHECK: /port unreachable \(ECONNREFUSED\)$/,
      UDP_CHECK: /port unreachable \(ECONNREFUSED\)$/,
      PING_CHECK: /port unreachable \(ECONNREFUSED\)$|no answer within/,
      MISC_CHECK: script,
    }),
  },
  {
    name: "a packet filter says that the host is not to be reached",
    begin: (lab) => lab.filter("reject with icmp host-unreachable"),
    // TCP takes it for a passing trouble and goes on asking (RFC 5461).
    says: all(new RegExp(`no connection within ${seconds} s$|host unreachable \\(EHOSTUNREACH\\)$`), {
      DNS_CHECK: /host unreachable \(EHOSTUNREACH\)$/,
      UDP_CHECK: /host unreachable \(EHOSTUNREACH\)$/,
      PING_CHECK: /host unreachable \(EHOSTUNREACH\)$/,
      MISC_CHECK: /^script/,
    }),
  },
  {
    name: "the machine has no power",
    begin: (lab) => {
      lab.unplug();
      return lab.plugIn;
    },
    says: all(new RegExp(`no (connection|answer) within ${seconds} s$|host unreachable \\(EHOSTUNREACH\\)$`), {
      MISC_CHECK: /^script/,
    }),
  },
];

const services = (mode: Parameters<FaultLab["services"]>[0], says: Says, name: string): Fault => ({
  name,
  begin: async (lab) => {
    await lab.services(mode);
    return () => lab.services("healthy");
  },
  says,
});

/** Ping, and what only connects, are none the wiser. */
const onlyReachable = { TCP_CHECK: "up", PING_CHECK: "up" } as const;

/** Of the services. */
export const serviceFaults = (seconds: string): readonly Fault[] => {
  const within = (what: string) => new RegExp(`${what} within ${seconds} s$`);
  const noAnswer = within("no answer");
  const timedOut = within("^script did not end");
  const silentDatagrams = { DNS_CHECK: noAnswer, UDP_CHECK: noAnswer };
  return [
    services(
      "hangs",
      all(noAnswer, {
        ...onlyReachable,
        SSL_GET: within("TLS handshake not complete"),
        SMTP_CHECK: within("no greeting"),
        TCP_EXPECT: within("no reply"),
        AGENT_CHECK: within("no reply"),
        MISC_CHECK: timedOut,
      }),
      "the services accept and say nothing",
    ),
    services(
      "drips",
      all(noAnswer, {
        ...onlyReachable,
        HTTP_GET: within("headers not complete"),
        SSL_GET: within("TLS handshake not complete"),
        SMTP_CHECK: within("no greeting"),
        // What has come by then is no answer yet.
        TCP_EXPECT: /no reply within|^answer "\+P?O?N?", wanted "\+PONG"$/,
        AGENT_CHECK: within("no reply"),
        MISC_CHECK: timedOut,
      }),
      "the services say the right thing, one octet a second",
    ),
    services(
      "closes",
      all(/connection closed before any answer$/, {
        ...onlyReachable,
        ...silentDatagrams,
        SSL_GET: /connection closed within the TLS handshake$|TLS: /,
        SMTP_CHECK: /connection closed before its greeting$/,
        TCP_EXPECT: /connection (closed|reset) before its reply$/,
        AGENT_CHECK: /connection closed before its reply$/,
        HTTP_GET: /connection (closed|reset) before any answer$/,
        GRPC_CHECK: /connection (closed|reset) before any answer$|HTTP\/2: /,
        MISC_CHECK: script,
      }),
      "the services close at once",
    ),
    services(
      "resets",
      all(/connection reset before any answer$/, {
        ...onlyReachable,
        ...silentDatagrams,
        SSL_GET: /connection reset within the TLS handshake$/,
        SMTP_CHECK: /connection reset before its greeting$/,
        TCP_EXPECT: /connection reset before its reply$/,
        AGENT_CHECK: /connection reset before its reply$/,
        MISC_CHECK: script,
      }),
      "the services reset their connections",
    ),
    services(
      "floods",
      all(/answer larger than 64 KiB$|not a valid HTTP answer/, {
        ...onlyReachable,
        SSL_GET: /TLS: /,
        SMTP_CHECK: /answer larger than 64 KiB$/,
        TCP_EXPECT: /^answer "x{60}\.\.\.", wanted "\+PONG"$/,
        AGENT_CHECK: /answer larger than 1 KiB$/,
        GRPC_CHECK: /not a valid gRPC answer: HTTP\/2: /,
        // Answers to what others asked are not ours, unless their number happens to be.
        DNS_CHECK: /no answer within|not a valid DNS answer/,
        UDP_CHECK: /answer of 1400 octets, wanted 0 to 255$/,
        MISC_CHECK: /^script/,
      }),
      "the services never end their answer",
    ),
    services(
      "nonsense",
      all(/not a valid HTTP answer/, {
        ...onlyReachable,
        SSL_GET: /TLS: /,
        SMTP_CHECK: /not a valid SMTP answer: greeting/,
        TCP_EXPECT: /^answer "\\x00\\x01.*", wanted "\+PONG"$/,
        AGENT_CHECK: /not a valid agent answer: the agent says "/,
        GRPC_CHECK: /not a valid gRPC answer: HTTP\/2: |connection closed/,
        DNS_CHECK: /no answer within|not a valid DNS answer/,
        UDP_CHECK: /answer 0001feff.*, wanted c0ffee$/,
        MISC_CHECK: script,
      }),
      "the services speak another protocol",
    ),
    services(
      "wrong",
      all(/status 503, wanted 200$/, {
        ...onlyReachable,
        SMTP_CHECK: /greeting "421 too busy", wanted 220$/,
        TCP_EXPECT: /^answer "-LOADING\\r\\n", wanted "\+PONG"$/,
        AGENT_CHECK: /the agent says down: deploying$/,
        GRPC_CHECK: /the server is NOT_SERVING, wanted SERVING$/,
        DNS_CHECK: /NXDOMAIN \(no such name\), wanted NOERROR$/,
        UDP_CHECK: /answer 6e6f626f6479, wanted c0ffee$/,
        MISC_CHECK: script,
      }),
      "the services refuse",
    ),
    services(
      "expired",
      all("up", { SSL_GET: /certificate has expired \(CERT_HAS_EXPIRED\)$/ }),
      "a certificate has expired",
    ),
  ];
};
