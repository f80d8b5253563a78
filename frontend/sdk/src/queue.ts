// What was asked while there was no connection: kept in order, up to a bound, and told when it is too much.

/** The queue was full, or given up. */
export class NotSent extends Error {
  override readonly name = "NotSent";
}

/** Work that waits for a connection. */
export class Queue {
  readonly #waiting: { run: () => void; reject: (error: NotSent) => void }[] = [];

  constructor(readonly limit: number) {}

  get length(): number {
    return this.#waiting.length;
  }

  /** Does `work` at the next {@link Queue.flush}; rejects at once when too much waits. */
  add<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#waiting.length >= this.limit) {
      return Promise.reject(new NotSent(`${this.limit} messages wait for the connection already; this one is not sent`));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ run: () => work().then(resolve, reject), reject });
    });
  }

  /** Does all that waits, in order. */
  flush(): void {
    for (const { run } of this.#waiting.splice(0)) run();
  }

  /** Gives all that waits up. */
  clear(reason: string): void {
    for (const { reject } of this.#waiting.splice(0)) reject(new NotSent(reason));
  }
}
