import type { EventLog } from "../../control/event-log.ts";
import type { View } from "../../control/view.ts";
import type { LogLevel } from "../../log/logger.ts";
import type { Operator } from "../../operator/operator.ts";
import type { BfdLink } from "../bfd/bfd-link.ts";
import type { LvsHalf } from "../checkers/lvs-half.ts";
import type { Care } from "../children/care.ts";
import type { Program } from "../program/program.ts";
import type { ScriptsLink } from "../scripts-link.ts";
import type { Trackers } from "../vrrp/trackers.ts";
import type { VrrpHalf } from "../vrrp/vrrp-half.ts";
import type { Web } from "../web/web.ts";

/** What a director is made of, as far as another one goes on from it. */
export interface DirectorParts {
  readonly view: View;
  readonly lvs: LvsHalf;
  readonly vrrp: VrrpHalf;
  readonly bfd: BfdLink;
  readonly trackers: Trackers;
  readonly scripts: ScriptsLink;
  readonly program: Program;
  readonly operator: Operator;
  readonly care: Care;
  readonly web: Web;
  readonly events: EventLog;
  readonly level: LogLevel;
}
