// Each entry once: what is told of the past may repeat what a client has heard.

import type { Entry } from "./wire.js";

/** Knows how far a client has heard. */
export class Heard {
  #newest = 0;

  /** `hasHistory`: whether what was said before a topic was asked for is told too. */
  constructor(readonly hasHistory: boolean) {}

  /**
   * Which of these entries are to be told. With `isEarlier` they are from before their topics were asked for; `held`
   * are those that were followed already.
   */
  take(entries: readonly Entry[], isEarlier: boolean, held: ReadonlySet<string>): readonly Entry[] {
    const known = this.#newest;
    for (const { offset } of entries) this.#newest = Math.max(this.#newest, offset);
    if (!isEarlier) return entries;
    // A server that lost its journal counts from 1 again.
    if (entries.every(({ offset }) => offset < known)) this.#newest = Math.max(0, ...entries.map(({ offset }) => offset));
    return entries.filter(({ topic, offset }) => (held.has(topic) ? offset > known : this.hasHistory));
  }
}
