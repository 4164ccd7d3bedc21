import { createProbeEngine } from "../probe-engine.ts";
import { describeEngine } from "../testing/engine-contract.ts";

describeEngine("node engine", (onResults) => createProbeEngine(onResults, { addon: null }));
// Binding to a device needs no privilege (Linux 5.7): every probe takes the way of bind_if and fwmark.
describeEngine("node engine with native sockets", (onResults) => createProbeEngine(onResults, { addon: null }), {
  bindIf: "lo",
});
