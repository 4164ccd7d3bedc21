import { describe, expect, test } from "vitest";
import { buildRequest } from "./request.ts";

const target = { path: "/health", virtualhost: null, address: "192.0.2.1", port: 8080 };

describe("buildRequest", () => {
  test("1.0 carries no Connection header, 1.0C and 1.1 close", () => {
    const lines = (close: string) => `Host: 192.0.2.1:8080\r\nUser-Agent: lbctl\r\n${close}\r\n`;
    expect(buildRequest(target, "1.0")).toBe(`GET /health HTTP/1.0\r\n${lines("")}`);
    expect(buildRequest(target, "1.0C")).toBe(`GET /health HTTP/1.0\r\n${lines("Connection: close\r\n")}`);
    expect(buildRequest(target, "1.1")).toBe(`GET /health HTTP/1.1\r\n${lines("Connection: close\r\n")}`);
  });

  test("the virtualhost replaces address and port", () => {
    expect(buildRequest({ ...target, virtualhost: "www.example.org" }, "1.1")).toContain(
      "\r\nHost: www.example.org\r\n",
    );
  });

  test("an IPv6 address stands in brackets, without its zone", () => {
    expect(buildRequest({ ...target, address: "2001:db8::1" }, "1.0")).toContain("\r\nHost: [2001:db8::1]:8080\r\n");
    expect(buildRequest({ ...target, address: "fe80::1%eth0" }, "1.0")).toContain("\r\nHost: [fe80::1]:8080\r\n");
  });

  test("no setting can add a line or a word to the request", () => {
    const request = buildRequest({ ...target, path: "/a b\r\nX: ü", virtualhost: "h\nost\r\n\r\nGET" }, "1.0");
    expect(request.split("\r\n")[0]).toBe("GET /a%20b%0D%0AX:%20%C3%BC HTTP/1.0");
    expect(request.split("\r\n")).toHaveLength(5);
    expect(request).not.toMatch(/[^\r]\n/);
  });

  test("what is percent-encoded already stays", () => {
    expect(buildRequest({ ...target, path: "/a%20b?c=[1]&d=%" }, "1.0")).toMatch(/^GET \/a%20b\?c=\[1\]&d=% HTTP/);
  });
});
