import { describe, expect, test } from "vitest";
import { shows, stepsIn, stepsOf } from "./guide.ts";

const guide = `# Title

\`\`\`yaml director-1:/etc/lbctl/lbctl.yaml director-2:/etc/lbctl/lbctl.yaml
a: 1
\`\`\`

\`\`\`console director-1 director-2
# lbctl validate
/etc/lbctl/lbctl.yaml: valid
# true
\`\`\`

\`\`\`console
$ apt install ./lbctl.deb
\`\`\`
`;

describe("the steps of a guide", () => {
  test("are its files and commands, in order, with their lines", () => {
    const nodes = ["director-1", "director-2"];
    expect(stepsOf(guide)).toEqual([
      { kind: "file", line: 4, nodes, path: "/etc/lbctl/lbctl.yaml", text: "a: 1\n" },
      { kind: "command", line: 8, nodes, command: "lbctl validate", output: ["/etc/lbctl/lbctl.yaml: valid"] },
      { kind: "command", line: 10, nodes, command: "true", output: [] },
    ]);
  });

  test("may be longer than a line", () => {
    const [step, ...others] = stepsIn("```console\n# docker run \\\n    lbctl\ndone\n```\n");
    expect(step).toMatchObject({ command: "docker run \\\n    lbctl", output: ["done"] });
    expect(others).toEqual([]);
  });

  test.each([
    ["```console n\n# true", "the block has no end"],
    ["```console n\noutput\n```", "output without a command"],
    ["```yaml n\n```", "no place of a file"],
    ["```yaml n:/a m:/b\n```", "no place of a file"],
  ])("%j is refused", (text, why) => {
    expect(() => stepsOf(text)).toThrow(why);
  });
});

describe("an output", () => {
  test.each([
    ["up 3 servers", ["up 3 servers"], true],
    ["up 3 servers", ["up 4 servers"], false],
    ["a\nb\nc", ["a", "c"], true],
    ["a\nb\nc", ["c", "a"], false],
    ["  web   up  20s  ok in 1.4 ms", ["web up 3m ok in 0.2 ms"], true],
    ["web up 20s", ["web up soon"], false],
    ["web down connect refused", ["web ... refused"], true],
    ["web down", ["web down ..."], true],
    ["web down", ["..."], true],
    ["web down", ["web up ..."], false],
    ["", ["something"], false],
  ])("%j, where the guide shows %j: %s", (output, wanted, same) => {
    expect(shows(output, wanted)).toBe(same);
  });
});
