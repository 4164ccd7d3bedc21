import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { describeReason } from "../describe.ts";
import { encodeHealthRequest, judgeHealthAnswer } from "./health-message.ts";

const framed = (...message: number[]) => Buffer.from([0, 0, 0, 0, message.length, ...message]);
const judged = (body: Uint8Array, service = "") => {
  const result = judgeHealthAnswer(body, service);
  return result.ok ? "ok" : describeReason(result.reason);
};

// Octets as the encoding of protobuf has them (protobuf.dev, "Encoding").
describe("grpc.health.v1", () => {
  test.each([
    ["", "0000000000"],
    ["a.B", "00000000050a03612e42"],
    ["é".repeat(100), `00000000cb0ac801${"c3a9".repeat(100)}`],
  ])("request for %j", (service, hex) => expect(encodeHealthRequest(service).toString("hex")).toBe(hex));

  test.each([
    [framed(8, 1), "ok"],
    [framed(), "the server is UNKNOWN, wanted SERVING"],
    [framed(8, 2), "the server is NOT_SERVING, wanted SERVING"],
    [framed(8, 3), "the server is SERVICE_UNKNOWN, wanted SERVING"],
    [framed(8, 99), "the server is status 99, wanted SERVING"],
    [framed(8, 2, 8, 1), "ok"],
    [framed(0x12, 2, 65, 66, 8, 1, 0x1d, 0, 0, 0, 0, 0x21, 0, 0, 0, 0, 0, 0, 0, 0), "ok"],
    [Buffer.from([]), "not a valid gRPC answer: a message of 0 octets"],
    [Buffer.from([1, 0, 0, 0, 0]), "not a valid gRPC answer: a compressed message"],
    [Buffer.from([0, 0, 0, 0, 9, 8, 1]), "not a valid gRPC answer: a message of 2 octets that says 9"],
    [framed(8), "not a valid gRPC answer: no HealthCheckResponse"],
    [framed(0x0a, 1, 65), "not a valid gRPC answer: no HealthCheckResponse"],
    [framed(0x12, 200, 1), "not a valid gRPC answer: no HealthCheckResponse"],
    [framed(0x13), "not a valid gRPC answer: no HealthCheckResponse"],
  ])("answer %o", (body, sentence) => expect(judged(body)).toBe(sentence));

  test("names the service that is not serving", () => {
    expect(judged(framed(8, 2), "shop.Cart")).toBe('service "shop.Cart" is NOT_SERVING, wanted SERVING');
  });

  test("takes whatever comes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (octets) => {
        for (const body of [octets, framed(...octets)]) expect(judged(body)).not.toBe("");
      }),
    );
  });
});
