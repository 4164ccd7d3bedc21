import type { Guest } from "../kernel/uml/guest.ts";
import { type BenchDaemon, untilSettled } from "./daemon.ts";
import { putFile } from "./guest-files.ts";
import { killGroup, meter } from "./meter.ts";
import { destinationKey, keepalivedConfig, serviceKey } from "./sample-table.ts";

const group = "keepalived";
const config = "/run/bench/keepalived.conf";
const log = "/run/bench/keepalived.log";
const pidFile = "/run/bench/keepalived.pid";

/** keepalived with its checker process only, and without a log, which would cost it a line per virtual server. */
export function keepalived(guest: Guest): BenchDaemon {
  return {
    name: "keepalived",
    group,
    reloadBy: "SIGHUP",
    async start(services) {
      await putFile(guest, config, keepalivedConfig({ services, firstWeight: 1 }));
      const command = `keepalived -C -n -G -f ${config} -p ${pidFile} -c ${pidFile}.checkers`;
      const until = { kind: "services", count: services } as const;
      return untilSettled(await meter(guest, command, { group, place: "inside", until, log }));
    },
    async reload(services, firstWeight) {
      await putFile(guest, config, keepalivedConfig({ services, firstWeight }));
      const command = `env kill -HUP $(cat ${pidFile})`;
      const metered = await meter(guest, command, {
        group,
        place: "outside",
        until: { kind: "exit" },
        log: `${log}.reload`,
      });
      await checkFirstWeight(guest, firstWeight);
      return untilSettled(metered);
    },
    kill: () => killGroup(guest, group),
  };
}

/** Throws unless the first real server has that weight in the kernel's table. */
export async function checkFirstWeight(guest: Guest, firstWeight: number): Promise<void> {
  const [service, destination] = [serviceKey(0), destinationKey(0, 0)];
  const table = await guest.sh(`ipvsadm -Ln -t ${service.address}:${service.port}`);
  const line = table.split("\n").find((text) => text.includes(`${destination.address}:${destination.port}`));
  const weight = Number(line?.trim().split(/ +/)[3]);
  if (weight !== firstWeight) throw new Error(`the weight of the first real server is not ${firstWeight}:\n${table}`);
}
