/** Playing a log again: as it happened, faster, with idle time cut to a second. */

export const SPEEDS = [1, 4, 16] as const;
export type Speed = (typeof SPEEDS)[number];
/** Seconds that idle time takes at most, at normal speed. */
const LONGEST = 1;

/**
 * How far a playback is after some time.
 *
 * @param times Of all events, in their order.
 * @param count Events that were shown, at least one.
 * @param elapsed Seconds since the newest of them was.
 * @returns Events that are shown now, and the seconds since the newest of these was due.
 */
export function advanced(
  times: { readonly length: number; at(place: number): number },
  count: number,
  elapsed: number,
  speed: Speed,
): { count: number; elapsed: number } {
  let [shown, left] = [count, elapsed];
  while (shown < times.length) {
    const gap = Math.min(LONGEST, Math.max(0, times.at(shown) - times.at(shown - 1))) / speed;
    if (left < gap) break;
    left -= gap;
    shown += 1;
  }
  return { count: shown, elapsed: left };
}
