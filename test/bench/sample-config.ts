/** A configuration with an HTTP_GET for each real server, for readers of it; both languages say the same. */
export interface SampleConfig {
  readonly virtualServers: number;
  /** Of each virtual server. */
  readonly realServers: number;
}

export const configLanguages = ["keepalived.conf", "YAML"] as const;
export type ConfigLanguage = (typeof configLanguages)[number];

export function configText(language: ConfigLanguage, sample: SampleConfig): string {
  return language === "YAML" ? yaml(sample) : keepalivedConf(sample);
}

function yaml({ virtualServers, realServers }: SampleConfig): string {
  const servers = map(virtualServers, (virtualServer) => {
    const settings = map(
      realServers,
      (realServer) => `      - address: ${realAddress(virtualServer * realServers + realServer)}
        port: 8080
        weight: ${1 + (realServer % 9)}
        HTTP_GET:
          url:
            path: /health
            status_code: 200
          connect_timeout: 3
          retry: 2
`,
    );
    return `  - address: ${virtualAddress(virtualServer)}
    port: 80
    protocol: TCP
    delay_loop: 10
    lvs_sched: wrr
    lvs_method: NAT
    real_server:
${settings}`;
  });
  return `virtual_server:\n${servers}`;
}

function keepalivedConf({ virtualServers, realServers }: SampleConfig): string {
  return map(virtualServers, (virtualServer) => {
    const settings = map(
      realServers,
      (realServer) => `    real_server ${realAddress(virtualServer * realServers + realServer)} 8080 {
        weight ${1 + (realServer % 9)}
        HTTP_GET {
            url {
                path /health
                status_code 200
            }
            connect_timeout 3
            retry 2
        }
    }
`,
    );
    return `virtual_server ${virtualAddress(virtualServer)} 80 {
    delay_loop 10
    lvs_sched wrr
    lvs_method NAT
    protocol TCP

${settings}}
`;
  });
}

function virtualAddress(index: number): string {
  return `100.${64 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;
}

function realAddress(index: number): string {
  return `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
}

function map(count: number, of: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => of(index)).join("");
}
