import { type ConfigResult, parseConfig } from "../../config/parse-config.ts";

/** A model of virtual servers with these real servers ("10.0.0.1:80"). */
export function modelOf(servers: Readonly<Record<string, readonly string[]>>) {
  const virtual_server = Object.entries(servers).map(([name, realServers], index) => ({
    name,
    address: realServers[0]?.startsWith("[") ? `2001:db8:1::${index + 1}` : `192.0.2.${index + 1}`,
    port: 80,
    protocol: "TCP",
    real_server: realServers.map((text) => {
      const [, address, port] = /^\[?(.*?)\]?:(\d+)$/.exec(text) ?? [];
      return { address, port: Number(port) };
    }),
  }));
  const result: ConfigResult = parseConfig(JSON.stringify({ virtual_server }), "lb.yaml");
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  return result.model;
}
