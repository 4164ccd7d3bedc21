// What the VRRP state machine costs: node test/bench/vrrp-step.ts
import type { RouterEvent } from "../../src/vrrp/machine/event.ts";
import type { RouterState } from "../../src/vrrp/machine/state.ts";
import { step } from "../../src/vrrp/machine/step.ts";
import { advert, router } from "../../src/vrrp/machine/testing/samples.ts";

const instances = 255;
const advertMs = 10;
const perSecond = (instances * 1000) / advertMs;

const backups = Array.from({ length: instances }, (_, index): RouterState => {
  const fresh = router({ version: 3, advertMs, name: `VI_${index}` });
  const listening = step(fresh, { type: "startup", delayMs: 0, resumedAfterMs: null }, 0).state;
  return step(listening, advert({ advertMs }), 5).state;
});
const masters = backups.map((state) => step(state, { type: "timer", timer: "master_down", dueMs: 41 }, 41).state);

measure("backup, the same advert again", backups, () => advert({ advertMs }));
measure("backup, an advert of lower priority", backups, () => advert({ advertMs, priority: 50 }));
measure("master, advert timer", masters, (nowMs) => ({ type: "timer", timer: "advert", dueMs: nowMs }));

function measure(name: string, from: readonly RouterState[], eventAt: (nowMs: number) => RouterEvent): void {
  const states = [...from];
  let actions = 0;
  const rounds = (count: number): void => {
    for (let round = 0; round < count; round++) {
      const nowMs = round * advertMs;
      const event = eventAt(nowMs);
      for (let index = 0; index < instances; index++) {
        const stepped = step(states[index] as RouterState, event, nowMs);
        states[index] = stepped.state;
        actions += stepped.actions.length;
      }
    }
  };
  rounds(2000);
  const count = 20_000;
  // CPU time: others may be using the machine.
  const before = process.cpuUsage();
  rounds(count);
  const { user, system } = process.cpuUsage(before);
  const ns = ((user + system) * 1000) / (count * instances);
  const share = (100 * ns * perSecond) / 1e9;
  console.log(`${name}: ${ns.toFixed(1)} ns, ${share.toFixed(2)} % of a core at ${perSecond}/s (${actions} actions)`);
}
