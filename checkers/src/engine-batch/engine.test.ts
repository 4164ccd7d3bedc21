import { native } from "ipvs-netlink";
import { createProbeEngine } from "../probe-engine.ts";
import { describeEngine } from "../testing/engine-contract.ts";

describeEngine("batch engine", (onResults) => createProbeEngine(onResults, { addon: native() }));
