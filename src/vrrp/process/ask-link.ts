import { native } from "ipvs-netlink";

/** How a driver is asked for its link. */
export type LinkMethod = "MII" | "ETHTOOL" | "IOCTL";

const SIOCGIFFLAGS = 0x8913;
const SIOCETHTOOL = 0x8946;
const SIOCGMIIPHY = 0x8947;
const SIOCGMIIREG = 0x8948;
const IFF_RUNNING = 0x40;
const ETHTOOL_GLINK = 0x0a;
/** Basic mode status register of a PHY, and its bit for the link (linux/mii.h). */
const MII_BMSR = 1;
const BMSR_LSTATUS = 0x0004;

/** Whether the interface has a link, as its driver says; null: it cannot be asked that way. `fd` is any socket. */
export function askLink(fd: number, interfaceName: string, method: LinkMethod): boolean | null {
  const name = Buffer.from(`${interfaceName}\0`);
  switch (method) {
    case "MII":
      return askPhy(fd, name);
    case "ETHTOOL": {
      // struct ethtool_value {cmd, data} (linux/ethtool.h).
      const value = Uint32Array.of(ETHTOOL_GLINK, 0);
      const answer = native().interfaceIoctl(fd, SIOCETHTOOL, name, new Uint8Array(value.buffer), 1);
      return answer < 0 ? null : value[1] !== 0;
    }
    case "IOCTL": {
      const flags = Uint16Array.of(0);
      const answer = native().interfaceIoctl(fd, SIOCGIFFLAGS, name, new Uint8Array(flags.buffer), 0);
      return answer < 0 ? null : ((flags[0] ?? 0) & IFF_RUNNING) !== 0;
    }
  }
}

function askPhy(fd: number, name: Uint8Array): boolean | null {
  // struct mii_ioctl_data {phy_id, reg_num, val_in, val_out} (linux/mii.h).
  const data = Uint16Array.of(0, 0, 0, 0);
  const octets = new Uint8Array(data.buffer);
  if (native().interfaceIoctl(fd, SIOCGMIIPHY, name, octets, 0) < 0) return null;
  let status = 0;
  // The bit stays down from a loss of link until it is read: the second answer is that of now.
  for (let time = 0; time < 2; time++) {
    data[1] = MII_BMSR;
    if (native().interfaceIoctl(fd, SIOCGMIIREG, name, octets, 0) < 0) return null;
    status = data[3] ?? 0;
  }
  // No PHY at that place reads as all ones. (All zeros is what a bond without a link says.)
  return status === 0xffff ? null : (status & BMSR_LSTATUS) !== 0;
}
