// Each entry once: what is told of the past may repeat what a client has heard.

import type { Entry } from "./wire.js";

/** Knows how far a client has heard. */
export class Heard {
  #newest = 0;
  /** Those that were told before a snapshot which is not whole yet. */
  readonly #recalled = new Set<string>();

  /** `hasHistory`: whether what was said before a topic was asked for is told too. */
  constructor(readonly hasHistory: boolean) {}

  /** Which of these, that come before a snapshot, did not come before it already on a connection that broke. */
  again(entries: readonly Entry[]): readonly Entry[] {
    const fresh = entries.filter(({ offset, at }) => !this.#recalled.has(`${offset}@${at}`));
    for (const { offset, at } of fresh) this.#recalled.add(`${offset}@${at}`);
    return fresh;
  }

  /** The snapshot is whole: nothing before it comes again. */
  settled(): void {
    this.#recalled.clear();
  }

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
