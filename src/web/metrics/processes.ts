import { type MetricGroup, perRow } from "./metric.ts";

const child = perRow(["process"], ({ told }) =>
  told.processes
    .filter(({ pid, restarts }) => pid !== null || restarts > 0)
    .map((state) => ({ labels: { process: state.role }, state })),
);
const running = perRow(["process"], ({ processes }) =>
  processes.map((usage) => ({ labels: { process: usage.role }, usage })),
);

export const processMetrics: MetricGroup = {
  title: "Processes of lbctl",
  bound: "at most seven processes: supervisor, checker, vrrp, bfd, scripts, dataplane, web",
  metrics: [
    child("gauge", "lbctl_process_up", "1 while the process runs and answers the supervisor", ({ state }) =>
      Number(state.pid !== null && state.answers),
    ),
    child("counter", "lbctl_process_restarts_total", "Times that it was started again", ({ state }) => state.restarts),
    running("counter", "lbctl_process_cpu_seconds_total", "Processor time", ({ usage }) => usage.cpuS),
    running("gauge", "lbctl_process_resident_memory_bytes", "Memory in use", ({ usage }) => usage.residentBytes),
    running("gauge", "lbctl_process_open_fds", "Open file descriptors", ({ usage }) => usage.openFds),
    running(
      "gauge",
      "lbctl_process_start_time_seconds",
      "When it was started, Unix time",
      ({ usage }) => usage.startedS,
    ),
  ],
};
