import type { DirectorParts } from "./director-parts.ts";
import { hurry } from "./hurry.ts";
import type { Succession } from "./succession.ts";

/** For as long VRRP goes before what else is done at that time: the rest is taken, a predecessor ends, files may be loaded anew. */
const atEaseAfterMs = 5_000;

/**
 * Gets ready beside the director that runs, and takes over one part after the other when that one has left it. What it has not said, or
 * said in words of another version, is adopted as after a crash; so is all of it when it dies meanwhile.
 * `track` begins to watch scripts, files and processes.
 * @throws Error when a process of ours ends before it acts
 */
export async function takeOver(succession: Succession, parts: DirectorParts, track: () => void): Promise<void> {
  const { bfd, lvs, vrrp, operator, trackers, web, events, level } = parts;
  const { checker } = lvs;
  await Promise.all([bfd.standBy(), checker?.standBy(), vrrp.standBy()]);
  succession.standingBy();

  const sessions = await succession.next("bfd");
  await bfd.take(sessions.estate ?? { sessions: null, views: [] });
  succession.taken("bfd");

  const checks = await succession.next("checker");
  // Not before: until then the predecessor may be told something by operators.
  await operator.begin();
  await checker?.take(checks.estate);
  succession.taken("checker");

  const atEase = hurry([vrrp.pid]);
  const unhurried = hurry([process.pid]);
  const { estate, resumed } = await succession.next("vrrp");
  // No instance begins without what it depends on.
  if (estate === null) track();
  else trackers.inherit(estate.trackers);
  await vrrp.take(estate ?? { snapshot: null, resumed, told: { instances: [], groups: [] } });
  unhurried();
  succession.taken("vrrp");

  const rest = await succession.next("rest");
  if (rest.estate !== null) {
    events.inherit(rest.estate.events);
    level.severity = rest.estate.level;
    web.counts.inherit(rest.estate.counted);
  }
  if (estate !== null) track();
  setTimeout(atEase, atEaseAfterMs).unref();
}
