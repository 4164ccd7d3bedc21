/** One of the demo's web servers. */
export interface DemoServer {
  readonly name: string;
  readonly port: number;
  readonly weight: number;
}

/** The demo's configuration: short intervals, so that something happens within the attention span of a spectator. */
export function demoConfig(port: number, servers: readonly DemoServer[]): string {
  return `# Written by "lbctl demo". Change a weight and reload.
global_defs:
  reconcile_interval: 2
virtual_server:
  - name: demo
    address: 127.0.0.1
    port: ${port}
    protocol: TCP
    lvs_sched: wrr
    lvs_method: NAT
    delay_loop: 500ms
    connect_timeout: 500ms
    retry: 1
    delay_before_retry: 200ms
    warmup: 0
    real_server:
${servers.map(realServer).join("")}`;
}

function realServer({ name, port, weight }: DemoServer): string {
  return `      - address: 127.0.0.1   # ${name}
        port: ${port}
        weight: ${weight}
        HTTP_GET:
          url: {path: /health, status_code: 200}
`;
}
