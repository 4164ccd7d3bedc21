import { type DaemonSettings, IpvsClient } from "ipvs-netlink";
import { FakeKernel } from "ipvs-netlink/fake";
import { describe, expect, test } from "vitest";
import { defaultIpvsSettings, type IpvsSettings } from "../config/ipvs-model.ts";
import type { DirectorEvent } from "./events.ts";
import { SettingsKeeper } from "./settings-keeper.ts";
import { ManualTime } from "./testing/manual-time.ts";

const periodMs = 1000;
const settings = (change: Partial<IpvsSettings>): IpvsSettings => ({ ...defaultIpvsSettings, ...change });
const daemon = (instance: string | null, change: Partial<DaemonSettings> = {}) =>
  settings({ syncDaemon: { interface: "eth0", syncId: 51, instance, ...change } });

async function lab() {
  const control = await IpvsClient.open({ transport: new FakeKernel({ interfaces: { eth0: 1500 } }).open() });
  const time = new ManualTime();
  const events: DirectorEvent[] = [];
  const keeper = new SettingsKeeper({ control, clock: time, onEvent: (event) => events.push(event) });
  const roles = async () => (await control.daemons()).map(({ role }) => role).sort();
  return { control, time, events, keeper, roles };
}

describe("lvs_timeouts", () => {
  test("are set; what others change is set again within the period; what is not configured stays", async () => {
    const { control, time, keeper, events } = await lab();
    const before = await control.timeouts();
    await keeper.configure(settings({ timeouts: { tcpS: 60, udpS: 30 } }), periodMs);
    expect(await control.timeouts()).toEqual({ tcpS: 60, tcpFinS: before.tcpFinS, udpS: 30 });
    await control.setTimeouts({ tcpS: 5, tcpFinS: 7 });
    await time.advance(periodMs);
    expect(await control.timeouts()).toEqual({ tcpS: 60, tcpFinS: 7, udpS: 30 });
    expect(events.map(({ type }) => type)).toEqual(["ipvs_setting_changed", "ipvs_setting_changed"]);
  });

  test("that leave the configuration become what they were at the start", async () => {
    const { control, keeper } = await lab();
    const before = await control.timeouts();
    await keeper.configure(settings({ timeouts: { tcpS: 60 } }), periodMs);
    await keeper.configure(settings({}), periodMs);
    expect(await control.timeouts()).toEqual(before);
  });

  test("without the keyword nothing is asked of the kernel, and others may set them", async () => {
    const { control, time, keeper, events } = await lab();
    await keeper.configure(settings({}), periodMs);
    await control.setTimeouts({ tcpS: 5 });
    await time.advance(5 * periodMs);
    expect((await control.timeouts()).tcpS).toBe(5);
    expect(events).toEqual([]);
  });
});

describe("lvs_sync_daemon", () => {
  test("without an instance both daemons run; one that somebody stops runs again within the period", async () => {
    const { control, time, keeper, roles } = await lab();
    await keeper.configure(daemon(null), periodMs);
    expect(await roles()).toEqual(["backup", "master"]);
    await control.stopDaemon("master");
    await time.advance(periodMs);
    expect(await roles()).toEqual(["backup", "master"]);
  });

  test("follows its instance: the backup receives, the master sends, and no other instance counts", async () => {
    const { keeper, roles } = await lab();
    await keeper.configure(daemon("VI_1"), periodMs);
    expect(await roles()).toEqual(["backup"]);
    await keeper.mastersChanged(["VI_2"]);
    expect(await roles()).toEqual(["backup"]);
    await keeper.mastersChanged(["VI_1", "VI_2"]);
    expect(await roles()).toEqual(["master"]);
    await keeper.mastersChanged(["VI_2"]);
    expect(await roles()).toEqual(["backup"]);
  });

  test("a reload with other options restarts them, one without the keyword ends them", async () => {
    const { control, keeper, roles } = await lab();
    await keeper.configure(daemon(null), periodMs);
    await keeper.configure(daemon(null, { multicastTtl: 3, multicastGroup: "224.0.1.99" }), periodMs);
    expect(await control.daemons()).toMatchObject([
      { multicastTtl: 3, multicastGroup: "224.0.1.99", syncId: 51 },
      { multicastTtl: 3, multicastGroup: "224.0.1.99", syncId: 51 },
    ]);
    await keeper.configure(settings({}), periodMs);
    expect(await roles()).toEqual([]);
  });

  test("daemons that others run stay while we want none; an ordered stop ends ours, a handover does not", async () => {
    const { control, keeper, roles } = await lab();
    await control.startDaemon({ role: "backup", interface: "eth0", syncId: 3 });
    await keeper.configure(settings({}), periodMs);
    expect(await roles()).toEqual(["backup"]);
    await keeper.configure(daemon(null), periodMs);
    await keeper.stop("keep");
    expect(await roles()).toEqual(["backup", "master"]);
    const next = await lab();
    await next.keeper.configure(daemon(null), periodMs);
    await next.keeper.stop("remove");
    expect(await next.roles()).toEqual([]);
  });

  test("what the kernel refuses is said once, and tried again", async () => {
    const { time, keeper, events } = await lab();
    await keeper.configure(daemon(null, { interface: "nowhere0" }), periodMs);
    await time.advance(3 * periodMs);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ type: "ipvs_setting_refused", setting: "lvs_sync_daemon" });
    expect((events[0] as { message: string }).message).toMatch(/nowhere0.*ENODEV/);
  });
});

test("a data plane without such settings says so", async () => {
  const events: DirectorEvent[] = [];
  const keeper = new SettingsKeeper({ control: null, clock: new ManualTime(), onEvent: (event) => events.push(event) });
  await keeper.configure(settings({ timeouts: { udpS: 9 } }), periodMs);
  expect(events).toMatchObject([{ type: "ipvs_setting_refused", setting: "lvs_timeouts" }]);
  await keeper.stop("remove");
});
