import { type BenchDaemon, untilSettled } from "./daemon.ts";
import { putFile } from "./guest-files.ts";
import { meter } from "./meter.ts";
import { destinationKey, keepalivedConfig, serviceKey } from "./sample-table.ts";
import type { Space } from "./space.ts";

const config = "/run/bench/keepalived.conf";
const log = "/run/bench/keepalived.log";
const pidFile = "/run/bench/keepalived.pid";

/** keepalived with its checker process only, and without a log, which would cost it a line per virtual server. */
export function keepalived(space: Space): BenchDaemon {
  return {
    name: "keepalived",
    reloadBy: "SIGHUP",
    async start(services) {
      await putFile(space.guest, config, keepalivedConfig({ services, firstWeight: 1 }));
      const command = `keepalived -C -n -G -f ${config} -p ${pidFile} -c ${pidFile}.checkers`;
      const until = { kind: "services", count: services } as const;
      return untilSettled(await meter(space, command, { place: "inside", until, log }));
    },
    async reload(services, firstWeight) {
      await putFile(space.guest, config, keepalivedConfig({ services, firstWeight }));
      const command = `env kill -HUP $(cat ${pidFile})`;
      const metered = await meter(space, command, {
        place: "outside",
        until: { kind: "exit" },
        log: `${log}.reload`,
      });
      await checkFirstWeight(space, firstWeight);
      return untilSettled(metered);
    },
  };
}

/** Throws unless the first real server has that weight in the kernel's table. */
export async function checkFirstWeight(space: Space, firstWeight: number): Promise<void> {
  const [service, destination] = [serviceKey(0), destinationKey(0, 0)];
  const table = await space.sh(`ipvsadm -Ln -t ${service.address}:${service.port}`);
  const line = table.split("\n").find((text) => text.includes(`${destination.address}:${destination.port}`));
  const weight = Number(line?.trim().split(/ +/)[3]);
  if (weight !== firstWeight) throw new Error(`the weight of the first real server is not ${firstWeight}:\n${table}`);
}
