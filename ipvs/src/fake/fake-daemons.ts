import { constants } from "node:os";
import type { DaemonAttributes } from "../ipvs/attributes.ts";
import * as k from "../ipvs/constants.ts";

const { EEXIST, EINVAL, ENODEV, ESRCH } = constants.errno;

const DEFAULT_GROUP = Uint8Array.of(224, 0, 0, 81);
const DEFAULT_PORT = 8848;
const UDP_OVER_IPV4_BYTES = 20 + 8;

/** The sync daemons of ip_vs_sync.c. Methods answer an errno, 0 for success. */
export class FakeDaemons {
  readonly running = new Map<number, DaemonAttributes>();
  readonly #mtuByInterface: Readonly<Record<string, number>>;

  constructor(mtuByInterface: Readonly<Record<string, number>>) {
    this.#mtuByInterface = mtuByInterface;
  }

  start(wanted: DaemonAttributes | undefined, mixedFamilies: boolean): number {
    if (wanted?.state === undefined || wanted.interface === undefined || wanted.syncId === undefined) return EINVAL;
    if (wanted.group && ((wanted.group[0] as number) & 0xf0) !== 224) return EINVAL;
    if (wanted.group6 && wanted.group6[0] !== 0xff) return EINVAL;
    if (mixedFamilies) return EINVAL;
    const mtu = this.#mtuByInterface[wanted.interface];
    if (mtu === undefined) return ENODEV;
    if (wanted.state !== k.IP_VS_STATE_MASTER && wanted.state !== k.IP_VS_STATE_BACKUP) return EINVAL;
    if (this.running.has(wanted.state)) return EEXIST;
    this.running.set(wanted.state, {
      ...wanted,
      maxLength: wanted.maxLength ?? mtu - UDP_OVER_IPV4_BYTES,
      group: wanted.group ?? (wanted.group6 ? undefined : DEFAULT_GROUP),
      port: wanted.port || DEFAULT_PORT,
      ttl: wanted.ttl || 1,
    });
    return 0;
  }

  stop(wanted: DaemonAttributes | undefined): number {
    if (wanted?.state === undefined) return EINVAL;
    return this.running.delete(wanted.state) ? 0 : ESRCH;
  }
}
