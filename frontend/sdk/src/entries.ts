// Each entry once: a snapshot repeats the newest ones, of which a client may have heard some.

import type { Entry } from "./wire.js";

/** Knows how far a client has heard. */
export class Heard {
  #newest = 0;
  #before = 0;

  /** `hasHistory`: whether what was said before a topic was asked for is told too. */
  constructor(readonly hasHistory: boolean) {}

  /** Which entries of a tick are to be told: all, because a tick holds only what is new. */
  ofTick(entries: readonly Entry[]): readonly Entry[] {
    this.#advance(entries);
    return entries;
  }

  /** Which entries of a part of a snapshot are to be told; `held` are the topics that were followed before it. */
  ofSnapshot(part: number, entries: readonly Entry[], held: ReadonlySet<string>): readonly Entry[] {
    if (part === 0) this.#before = this.#newest;
    const told = entries.filter(({ topic, offset }) => (held.has(topic) ? offset > this.#before : this.hasHistory));
    // A server that lost its journal counts from 1 again.
    if (entries.length > 0 && entries.every(({ offset }) => offset < this.#newest)) this.#newest = 0;
    this.#advance(entries);
    return told;
  }

  #advance(entries: readonly Entry[]): void {
    for (const { offset } of entries) this.#newest = Math.max(this.#newest, offset);
  }
}
