import { deserialize, serialize } from "node:v8";
import type { BfdModel } from "../../config/bfd-model.ts";
import type { ConfigurationInForce } from "../../control/dump-documents.ts";
import type { EventMemory } from "../../control/event-log.ts";
import type { ViewMemory } from "../../control/view.ts";
import type { Severity } from "../../log/record.ts";
import type { Counted } from "../../web/told.ts";
import type { BfdEstate } from "../bfd/bfd-messages.ts";
import type { CheckerEstate } from "../checkers/messages.ts";
import type { TrackerMemory } from "../vrrp/trackers.ts";
import type { VrrpHalfEstate } from "../vrrp/vrrp-half.ts";

/**
 * Of everything below, and of all that it is made of: the models, the states of machines, checks and sessions. It is another one when
 * a program with the old shape could not go on from the new one, or the other way round (docs/decisions/0082): `npm run check` compares the
 * declarations with estate-shape.txt.
 */
export const estateVersion = 5;

/** What a successor has to know to get ready. */
export interface Beginning extends ConfigurationInForce {
  readonly generation: number;
  readonly bfd: BfdModel;
  readonly view: ViewMemory;
}

/** What is known beside the work of the other processes. */
export interface Rest {
  readonly events: EventMemory;
  readonly level: Severity;
  readonly counted: Counted;
}

/** What is handed over one after the other: each part is left before it is taken, so that nobody acts twice. */
export interface Estates {
  readonly bfd: BfdEstate;
  readonly checker: CheckerEstate;
  readonly vrrp: VrrpHalfEstate & { readonly trackers: TrackerMemory };
  readonly rest: Rest;
}

export type Part = keyof Estates;

/** As text for the channel: another Node may read it, and what JSON cannot say (Infinity) is kept. */
export function pack(content: unknown): string {
  return serialize(content).toString("base64");
}

/** @throws where it is not what `pack` made. */
export function unpack<T>(text: string): T {
  return deserialize(Buffer.from(text, "base64")) as T;
}
