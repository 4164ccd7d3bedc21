import type { RouterSettings } from "./settings.ts";

type Timing = Pick<RouterSettings, "version" | "downTimerAdverts">;

/**
 * Skew_Time: the better the priority, the sooner. Version 3: (256 - priority) / 256 of the master's advert interval
 * (RFC 9568 section 6.1); version 2: of a second, whatever the interval (RFC 3768 section 6.1). Not rounded.
 */
export function skewMs(version: 2 | 3, priority: number, masterAdvertMs: number): number {
  return ((256 - priority) * (version === 2 ? 1000 : masterAdvertMs)) / 256;
}

/** Master_Down_Interval (Active_Down_Interval in RFC 9568): three adverts, or down_timer_adverts, and the skew time. */
export function masterDownMs(settings: Timing, priority: number, masterAdvertMs: number): number {
  return settings.downTimerAdverts * masterAdvertMs + skewMs(settings.version, priority, masterAdvertMs);
}

/** For adverts to travel and for the other side to notice: far above what a LAN takes. */
const transitMs = 50;

/** Until every backup that heard a priority of 0 has taken over: the longest skew time there is. */
export function handoverMs(settings: Pick<RouterSettings, "version" | "advertMs">): number {
  return skewMs(settings.version, 1, settings.advertMs) + transitMs;
}
