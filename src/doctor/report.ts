import { type Group, groupNames, groupOf } from "./checks.ts";
import { type Finding, type Status, statuses } from "./finding.ts";

/** How many findings have each status. */
export function countStatuses(findings: readonly Finding[]): Record<Status, number> {
  const count = (status: Status) => findings.filter((each) => each.status === status).length;
  return Object.fromEntries(statuses.map((status) => [status, count(status)])) as Record<Status, number>;
}

/** What `lbctl doctor --json` prints. A contract: keys are only added within a version. */
export function doctorDocument(file: string, findings: readonly Finding[]): object {
  const { ok, warning, failure, unknown } = countStatuses(findings);
  return {
    ...{ version: 1, file, ok, warnings: warning, failures: failure, unknown },
    findings: findings.map(({ check, ...rest }) => ({ group: groupOf(check), check, ...rest })),
  };
}

type PaintStatus = (status: Status | "dim" | "bold", text: string) => string;

const titles: Readonly<Record<Group, string>> = {
  kernel: "Kernel",
  process: "Process",
  network: "Network of this host",
  wire: "On the wire",
  reach: "Reachable",
  configuration: "Configuration",
  others: "Others on this host",
};

/** What people read: groups, a line for each finding, below it why it matters and what mends it. */
export function renderDoctor(findings: readonly Finding[], paint: PaintStatus, file: string): string[] {
  const lines = groupNames.flatMap((group) => {
    const inGroup = findings.filter(({ check }) => groupOf(check) === group);
    return inGroup.length === 0
      ? []
      : [paint("bold", titles[group]), ...inGroup.flatMap((each) => render(each, paint)), ""];
  });
  return [...lines, `${summary(findings)} for ${file}`];
}

const WIDTH = 7;
const INDENT = " ".repeat(WIDTH + 4);

function render({ status, check, what, why, fix }: Finding, paint: PaintStatus): string[] {
  return [
    `  ${paint(status, status.padEnd(WIDTH))}  ${check}: ${what}`,
    ...(why === null ? [] : [`${INDENT}${paint("dim", why)}`]),
    ...(fix === null ? [] : [`${INDENT}# ${fix}`]),
  ];
}

function summary(findings: readonly Finding[]): string {
  const { ok, warning, failure, unknown } = countStatuses(findings);
  const said = [
    `${failure} ${failure === 1 ? "failure" : "failures"}`,
    `${warning} ${warning === 1 ? "warning" : "warnings"}`,
    `${unknown} unknown`,
    `${ok} ok`,
  ];
  return said.join(", ");
}
