import { ControlError } from "../../control/api.ts";
import type { InstanceView } from "../../vrrp/process/instance-view.ts";

interface Waiting {
  readonly instance: string;
  /** Views that were sent before tell of another time. */
  hasBegun: boolean;
  readonly resolve: (view: InstanceView) => void;
  readonly reject: (error: ControlError) => void;
}

/** Failovers under way, by the number of their request: what the instance is shown as when it does not leave any more. */
export class Handovers {
  readonly #waiting = new Map<number, Waiting>();

  /** Before the request is sent. May be left alone, also when it fails. */
  expect(id: number, instance: string): Promise<InstanceView> {
    const { promise, resolve, reject } = Promise.withResolvers<InstanceView>();
    promise.catch(() => {});
    this.#waiting.set(id, { instance, hasBegun: false, resolve, reject });
    return promise;
  }

  answered(id: number, isLeaving: boolean): void {
    const waiting = this.#waiting.get(id);
    if (!isLeaving) this.#waiting.delete(id);
    else if (waiting !== undefined) waiting.hasBegun = true;
  }

  shown(views: readonly InstanceView[]): void {
    if (this.#waiting.size === 0) return;
    for (const view of views) {
      if (view.state === "leaving") continue;
      for (const [id, { instance, hasBegun, resolve }] of this.#waiting) {
        if (instance !== view.name || !hasBegun) continue;
        this.#waiting.delete(id);
        resolve(view);
      }
    }
  }

  /** A reload left the others out. */
  configured(instances: readonly string[]): void {
    for (const [id, { instance, reject }] of this.#waiting) {
      if (instances.includes(instance)) continue;
      this.#waiting.delete(id);
      const message = `there is no vrrp_instance ${instance} any more: a reload left it out`;
      reject(new ControlError("not-found", message, '"lbctl status" lists what there is.'));
    }
  }

  /** The process is gone: nobody will know. */
  lost(error: ControlError): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(error);
  }
}
