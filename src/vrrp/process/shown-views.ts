import type { AddressOwner } from "../addresses/address-owner.ts";
import { type InstanceView, instanceView } from "./instance-view.ts";
import type { Runner } from "./runner.ts";

/** Views of instances, to be told when they are not as they were told last. */
export class ShownViews {
  readonly #shown = new Map<string, string>();

  changed(runner: Runner, owner: Pick<AddressOwner, "objectsOf">): InstanceView[] {
    const nowMs = runner.nowMs();
    const views = runner.routers.map((router) =>
      instanceView(router, runner.stateOf(router.instance.name), owner, nowMs, Date.now()),
    );
    return views.filter((view) => {
      const { sinceEpochMs, master, ...rest } = view;
      const text = JSON.stringify([rest, master?.address, master?.priority]);
      if (this.#shown.get(view.name) === text) return false;
      this.#shown.set(view.name, text);
      return true;
    });
  }
}
