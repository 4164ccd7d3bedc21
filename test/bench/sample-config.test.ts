import { expect, test } from "vitest";
import { parseConfig } from "../../src/config/parse-config.ts";
import { configText } from "./sample-config.ts";

test.each([
  [3, 4],
  [1, 300],
])("%d virtual servers of %d real servers are the same in both languages", (virtualServers, realServers) => {
  const [conf, yaml] = [
    parseConfig(configText("keepalived.conf", { virtualServers, realServers }), "lb.conf"),
    parseConfig(configText("YAML", { virtualServers, realServers }), "lb.yaml"),
  ];
  expect(conf).toMatchObject({ ok: true, warnings: [] });
  expect(yaml).toEqual(conf);
  const counts = conf.ok ? conf.model.virtualServers.map((each) => each.realServers.length) : [];
  expect(counts).toEqual(Array.from({ length: virtualServers }, () => realServers));
});
