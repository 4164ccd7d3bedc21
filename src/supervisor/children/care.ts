import type { View } from "../../control/view.ts";
import { ServiceManager } from "../program/service-manager.ts";
import { serviceStatus } from "../program/service-status.ts";
import type { SupervisorOptions } from "../supervisor-options.ts";
import type { ChildWatch, ProcessState } from "./child-watch.ts";
import type { ChildCare } from "./kept-child.ts";

/** After how long a process hangs: an answer is a matter of microseconds, but a large table may be read in one go. */
const hungAfterS = { VRRP: 10, BFD: 10, checker: 30, scripts: 30, web: 30, dataplane: 30 } as const;

type Role = keyof typeof hungAfterS;

/** Of these another machine may have taken over meanwhile: they are not waited for, whatever the reason. */
const hurried: readonly string[] = ["VRRP", "BFD"];

/** Phase of a process; "off": it does not run and need not. */
type Phase = string | undefined;

/** How a process of this role is looked after. */
export function careOf(watch: ChildWatch, role: Role, pidFile: ChildCare["pidFile"] = () => null): ChildCare {
  return { role, watch, hungAfterS: hungAfterS[role], mayWait: !hurried.includes(role), pidFile };
}

/** Looks after the other processes, and tells systemd how the service is. */
export class Care {
  readonly #options: Pick<SupervisorOptions, "childPidFiles">;
  readonly #watch: ChildWatch;
  readonly #service: ServiceManager;
  readonly #view: View;
  readonly #phases: () => readonly Phase[];
  /** Until `start` a predecessor may be who is seen from the outside. */
  #isSeen = false;

  constructor(
    options: Pick<SupervisorOptions, "childPidFiles" | "watch" | "service">,
    view: View,
    phases: () => readonly Phase[],
  ) {
    this.#options = options;
    this.#view = view;
    this.#phases = phases;
    this.#watch = options.watch;
    this.#service = new ServiceManager({ ...options.service, isWell: () => this.#watch.allAnswer });
  }

  of(role: Role): ChildCare {
    const file = this.#options.childPidFiles[role] ?? null;
    return careOf(this.#watch, role, () => (this.#isSeen ? file : null));
  }

  processes(): readonly ProcessState[] {
    return this.#watch.states();
  }

  start(): void {
    this.#isSeen = true;
    this.#watch.writePidFiles();
    this.#watch.start();
    this.started();
  }

  /** A process has started: the service is ready when all have that run. */
  started(): void {
    if (this.#phases().some((phase) => phase !== undefined && phase !== "off" && phase !== "running")) return;
    if (!this.#isSeen) return;
    this.changed();
    this.#service.ready();
  }

  /** The service is another process from now on. */
  handsOver(pid: number): void {
    this.#service.mainProcess(pid);
  }

  /** What is known may be something else. */
  changed(): void {
    if (this.#isSeen) this.#service.status(serviceStatus(this.#view));
  }

  /** systemd is told that a reload begins and ends. */
  async reload<T>(reload: () => Promise<T>): Promise<T> {
    this.#service.reloading();
    try {
      return await reload();
    } finally {
      this.changed();
      this.#service.reloaded();
    }
  }

  /** The end begins: nobody is hung who takes his time now. */
  stopping(): void {
    this.#service.stopping();
    this.#watch.stop();
  }

  /** Another process is the service. */
  end(): void {
    this.#watch.stop();
    this.close();
  }

  close(): void {
    this.#service.close();
  }
}
