/** By how much the director's clock is ahead of this one. */
let aheadMs = 0;

export function setClock(now) {
  aheadMs = Date.parse(now) - Date.now();
}

export function count(number) {
  return number === null ? "\u2013" : Math.round(number).toLocaleString("en");
}

export function plural(number, word) {
  return `${count(number)} ${word}${number === 1 ? "" : "s"}`;
}

export function lasted(since) {
  let s = Math.max(0, Math.round((Date.now() + aheadMs - Date.parse(since)) / 1000));
  if (s < 60) return `${s} s`;
  const d = Math.floor(s / 86_400);
  s -= d * 86_400;
  const [h, m] = [Math.floor(s / 3600), Math.floor((s % 3600) / 60)];
  if (d > 0) return `${d} d ${h} h`;
  return h > 0 ? `${h} h ${m} min` : `${m} min`;
}

export function latency(ms) {
  if (ms === null) return "\u2013";
  return ms < 10 ? `${ms.toFixed(1)} ms` : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
