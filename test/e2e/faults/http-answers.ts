import { type Behaviour, floods, hangs } from "../../../checkers/src/testing/misbehaving-server.ts";

/** What a web server answers, and what a check of its page says then: the status alone, and its digest, which needs the whole page. */
export interface HttpAnswer {
  readonly name: string;
  readonly answer: Behaviour;
  readonly says: RegExp | "up";
  /** Seconds that the check has; those that wait for it are short. */
  readonly withinS: number;
}

const patientS = 60;
const shortS = 2;

const says = (...pieces: readonly string[]): Behaviour => {
  return (socket) =>
    void socket.once("data", () => {
      for (const piece of pieces) socket.write(piece, "latin1");
    });
};
const saysAndCloses = (...pieces: readonly string[]): Behaviour => {
  return (socket) => void socket.once("data", () => socket.end(pieces.join(""), "latin1"));
};
/** The right answer, one octet a second. */
const drips = (head: string, octets: string): Behaviour => {
  return (socket) => {
    socket.once("data", () => {
      socket.write(head);
      let at = 0;
      const timer = setInterval(() => {
        if (at < octets.length) socket.write(octets[at++] as string, "latin1");
      }, 1000);
      socket.on("close", () => clearInterval(timer));
    });
  };
};

const ok = "HTTP/1.1 200 OK\r\n";
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`;
const sized = (length: string) => `${ok}Content-Length: ${length}\r\n\r\n`;
const large = "x".repeat(64 * 1024);
const malformed = (detail: RegExp) => new RegExp(`: not a valid HTTP answer: ${detail.source}`);

/** Every page is `hello`, as far as it comes. */
export const httpAnswers: readonly HttpAnswer[] = [
  { name: "sized", answer: says(sized("5"), "hello"), says: "up", withinS: patientS },
  { name: "until close", answer: saysAndCloses(`${ok}\r\nhello`), says: "up", withinS: patientS },
  {
    name: "chunked",
    answer: says(chunked, "2;name=value\r\nhe\r\n", "003\r\nllo\r\n0\r\n\r\n"),
    says: "up",
    withinS: patientS,
  },
  {
    name: "chunked, with trailers, in pieces of one octet",
    answer: says(...chunked, ..."5\r\nhello\r\n0\r\nDigest: none\r\n\r\n"),
    says: "up",
    withinS: patientS,
  },
  {
    name: "behind interim answers",
    answer: says("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n", sized("5"), "hello"),
    says: "up",
    withinS: patientS,
  },
  {
    name: "chunked without an end",
    answer: says(chunked, "5\r\nhello\r\n"),
    says: /body not complete within 2 s$/,
    withinS: shortS,
  },
  {
    name: "sized and too short",
    answer: says(sized("6"), "hello"),
    says: /body not complete within 2 s$/,
    withinS: shortS,
  },
  {
    name: "headers without an end",
    answer: says(`${ok}Server: slow\r\n`),
    says: /headers not complete within 2 s$/,
    withinS: shortS,
  },
  { name: "silence", answer: hangs, says: /no answer within 2 s$/, withinS: shortS },
  {
    name: "headers of one octet a second",
    answer: drips("", sized("5")),
    says: /(headers not complete|no answer) within 2 s$/,
    withinS: shortS,
  },
  {
    name: "a body of one octet a second",
    answer: drips(sized("5"), "hello"),
    says: /body not complete within 2 s$/,
    withinS: shortS,
  },
  {
    name: "chunks of one octet a second",
    answer: drips(chunked, "5\r\nhello\r\n0\r\n\r\n"),
    says: /body not complete within 2 s$/,
    withinS: shortS,
  },
  {
    name: "closed within a chunk",
    answer: saysAndCloses(chunked, "5\r\nhel"),
    says: /connection closed within the body$/,
    withinS: patientS,
  },
  {
    name: "closed within its length",
    answer: saysAndCloses(sized("6"), "hello"),
    says: /connection closed within the body$/,
    withinS: patientS,
  },
  {
    name: "closed within its headers",
    answer: saysAndCloses(`${ok}Server: tired\r\n`),
    says: /connection closed within the headers$/,
    withinS: patientS,
  },
  {
    name: "a body without an end",
    answer: floods(`${ok}\r\n`, large),
    says: /answer larger than 16 MiB$/,
    withinS: patientS,
  },
  {
    name: "chunks without an end",
    answer: floods(chunked, `10000\r\n${large}\r\n`),
    says: /answer larger than 16 MiB$/,
    withinS: patientS,
  },
  {
    name: "headers forever",
    answer: floods(ok, "X-More: yes\r\n".repeat(1000)),
    says: /answer larger than 64 KiB$/,
    withinS: patientS,
  },
  {
    name: "trailers forever",
    answer: floods(`${chunked}0\r\n`, "X-More: yes\r\n".repeat(1000)),
    says: /answer larger than 64 KiB$/,
    withinS: patientS,
  },
  {
    name: "interim answers forever",
    answer: floods("", "HTTP/1.1 100 Continue\r\n\r\n".repeat(1000)),
    says: /answer larger than 64 KiB$/,
    withinS: patientS,
  },
  {
    name: "a length that is too large",
    answer: says(sized("999999999999"), "hello"),
    says: /answer larger than 16 MiB$/,
    withinS: patientS,
  },
  {
    name: "a length below nothing",
    answer: says(sized("-5"), "hello"),
    says: malformed(/Content-Length is not a number/),
    withinS: patientS,
  },
  {
    name: "two lengths",
    answer: says(`${ok}Content-Length: 5\r\nContent-Length: 6\r\n\r\n`, "hello"),
    says: malformed(/.*[Ll]ength/),
    withinS: patientS,
  },
  {
    name: "a chunk whose size is none",
    answer: says(chunked, "five\r\nhello\r\n0\r\n\r\n"),
    says: malformed(/chunk size "five"/),
    withinS: patientS,
  },
  {
    name: "a chunk larger than a number",
    answer: says(chunked, "fffffffffffffffff\r\nhello"),
    says: malformed(/chunk size "f+"/),
    withinS: patientS,
  },
  {
    name: "a chunk longer than its size",
    answer: says(chunked, "4\r\nhello\r\n0\r\n\r\n"),
    says: malformed(/chunk longer than its size/),
    withinS: patientS,
  },
  {
    name: "a chunk size without an end",
    answer: floods(chunked, "0".repeat(8192)),
    says: malformed(/chunk size line too long/),
    withinS: patientS,
  },
  {
    name: "a header that is none",
    answer: says(`${ok}no header\r\n\r\nhello`),
    says: malformed(/header line "no header"/),
    withinS: patientS,
  },
  {
    name: "a page without a head",
    answer: saysAndCloses("hello\n"),
    says: malformed(/status line "hello"/),
    withinS: patientS,
  },
  {
    name: "another protocol",
    answer: says("SSH-2.0-OpenSSH_9.2\r\n"),
    says: malformed(/status line "SSH-2.0-OpenSSH_9.2"/),
    withinS: patientS,
  },
  {
    name: "a status that is none",
    answer: says("HTTP/1.1 2OO OK\r\n\r\n"),
    says: malformed(/status line "HTTP\/1.1 2OO OK"/),
    withinS: patientS,
  },
];
