import { counterOf, type Rejection, type RejectionCounter } from "../packet/rejection.ts";

/** What an instance has counted since it was configured. */
export interface InstanceCounters extends Record<RejectionCounter, number> {
  advertisementsSent: number;
  advertisementsReceived: number;
  sendErrors: number;
  becomeMaster: number;
  releaseMaster: number;
  priorityZeroSent: number;
  priorityZeroReceived: number;
  /** Adverts of another router while this one was master; each of them is one advertisement interval with two. */
  otherMasterSeen: number;
}

export function newCounters(): InstanceCounters {
  return {
    advertisementsSent: 0,
    advertisementsReceived: 0,
    sendErrors: 0,
    becomeMaster: 0,
    releaseMaster: 0,
    priorityZeroSent: 0,
    priorityZeroReceived: 0,
    otherMasterSeen: 0,
    packetLengthErrors: 0,
    ipTtlErrors: 0,
    invalidTypeReceived: 0,
    advertisementsIntervalErrors: 0,
    addressListErrors: 0,
    authenticationInvalid: 0,
    authenticationMismatch: 0,
    authenticationFailure: 0,
    checksumErrors: 0,
    versionErrors: 0,
    vridErrors: 0,
    addressErrors: 0,
  };
}

export const counterNames = Object.keys(newCounters()) as readonly (keyof InstanceCounters)[];

/** What instances have counted, as short as it can be told: by name, values in the order of `counterNames`. */
export type ToldCounters = readonly (readonly [instance: string, values: readonly number[]])[];

export function countersOf(values: readonly number[]): InstanceCounters {
  const counters = newCounters();
  for (const [at, name] of counterNames.entries()) counters[name] = values[at] ?? 0;
  return counters;
}

export function countRejection(counters: InstanceCounters, rejection: Rejection): void {
  counters[counterOf(rejection)]++;
}
