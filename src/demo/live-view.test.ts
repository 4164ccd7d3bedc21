import { expect, test } from "vitest";
import { fewestColumns, type LiveView, liveLines, plainLine } from "./live-view.ts";
import { Screen } from "./screen.ts";

const view: LiveView = {
  service: "127.0.0.1:8080",
  scheduler: "wrr",
  requestsPerS: 100,
  requests: 1234,
  errors: 5,
  servers: [
    {
      name: "web1",
      endpoint: "127.0.0.1:40001",
      state: "up",
      weight: 3,
      share: 0.6,
      activeConnections: 2,
      reason: "HTTP_GET passed",
    },
    {
      name: "web2",
      endpoint: "127.0.0.1:40002",
      state: "down",
      weight: 1,
      share: 0,
      activeConnections: 0,
      reason: "HTTP_GET: connect refused",
    },
  ],
};
const plain = (_code: string, text: string): string => text;

test("the live table", () => {
  expect(liveLines(view, plain, 120)).toEqual([
    "127.0.0.1:8080  wrr NAT  100 requests/s, 1234 so far, 5 errors",
    "       REAL SERVER       STATE     WEIGHT  SHARE, LAST 3 S             ACTIVE  WHY",
    "web1   127.0.0.1:40001   up             3  ████████████········  60 %       2  HTTP_GET passed",
    "web2   127.0.0.1:40002   down           1  ····················   0 %       0  HTTP_GET: connect refused",
  ]);
});

test("no line is wider than the terminal, which would break redrawing in place", () => {
  for (const columns of [fewestColumns, 80, 99, 100, 132]) {
    for (const line of liveLines(view, plain, columns)) expect(line.length).toBeLessThanOrEqual(columns);
  }
});

test("one line for a log", () => {
  expect(plainLine(view)).toBe(
    "web1 up weight 3 share 60 % | web2 down weight 1 share 0 % | 100 requests/s, 5 errors so far",
  );
});

test("the screen redraws the live part in place and keeps what was said above it", () => {
  let written = "";
  const screen = new Screen({ write: (text) => (written += text) }, true);
  screen.say("one");
  screen.draw(["a", "b"]);
  screen.say("two");
  screen.draw(["c"]);
  expect(written).toBe("one\n\na\nb\n\r\u001b[3A\u001b[Jtwo\n\na\nb\n\r\u001b[3A\u001b[J\nc\n");
});

test("without a terminal nothing is drawn", () => {
  let written = "";
  const screen = new Screen({ write: (text) => (written += text) }, false);
  screen.draw(["a"]);
  screen.say("one");
  expect(written).toBe("one\n");
});
