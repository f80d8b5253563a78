// How long to stay away: at random between 0 and a bound that doubles, so that clients do not come back all at once.

/** The bound stops growing here. */
export const LONGEST_MS = 30_000;

/** Milliseconds to wait before attempt number `attempt`, counted from 0; `random` is between 0 and 1. */
export function backoffMs(attempt: number, firstMs: number, random: number): number {
  return random * Math.min(LONGEST_MS, firstMs * 2 ** Math.min(attempt, 30));
}
