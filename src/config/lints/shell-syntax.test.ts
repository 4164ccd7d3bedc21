import fc from "fast-check";
import { expect, test } from "vitest";
import { leftToShell } from "./shell-syntax.ts";

test.each([
  ["/bin/check $HOST", "$HOST"],
  [`/bin/check "\${HOST}"`, `\${HOST}`],
  ["/bin/check a|b", "a|b"],
  ["/bin/a&&/bin/b", "/bin/a&&/bin/b"],
  ["/bin/check /etc/*.conf", "/etc/*.conf"],
  ["~/check.sh", "~/check.sh"],
])("%s: %s is for a shell", (command, left) => {
  expect(leftToShell(command)).toBe(left);
});

test.each([
  "/bin/check all",
  "lsof -i:80 | grep haproxy || exit 1",
  "/bin/check '$HOST a|b'",
  "/bin/check \\$HOST",
  'pgrep -f "a|b"',
  "curl -sf http://127.0.0.1/?a=1&b=2;c",
  "bash -c 'test $LOAD -lt 5'",
  'sh -ec "echo $A; echo b"',
  "/bin/check 5*",
  "/bin/check $ 100$",
  "",
])("%s: nothing to say", (command) => {
  expect(leftToShell(command)).toBeNull();
});

test("any text can be asked about", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."ab/$|&;'\"\\*~{} :") }), (command) => {
      expect(["string", "object"]).toContain(typeof leftToShell(command));
    }),
  );
});
