// Handlers by the name of what happened.

/** What is called when something happens. */
export type Handler<Args extends unknown[]> = (...args: Args) => void;

/** Calls handlers in the order in which they came. `Events` maps each name to the arguments of its handlers. */
export class Emitter<Events extends { [Name in keyof Events]: unknown[] }> {
  readonly #handlers = new Map<keyof Events, Set<unknown>>();

  /** Adds a handler; the same one twice is one. */
  on<Name extends keyof Events>(name: Name, handler: Handler<Events[Name]>): this {
    const handlers = this.#handlers.get(name) ?? new Set();
    this.#handlers.set(name, handlers.add(handler));
    return this;
  }

  /** Takes a handler out again, or all of that name. */
  off<Name extends keyof Events>(name: Name, handler?: Handler<Events[Name]>): this {
    if (handler) this.#handlers.get(name)?.delete(handler);
    else this.#handlers.delete(name);
    return this;
  }

  /** Waits for the next one. */
  once<Name extends keyof Events>(name: Name): Promise<Events[Name]> {
    return new Promise((resolve) => {
      const handler = (...args: Events[Name]): void => {
        this.off(name, handler);
        resolve(args);
      };
      this.on(name, handler);
    });
  }

  /** Calls the handlers. One that throws does not keep the others from hearing; its error surfaces by itself. */
  protected emit<Name extends keyof Events>(name: Name, ...args: Events[Name]): void {
    for (const handler of [...(this.#handlers.get(name) ?? [])]) {
      try {
        (handler as Handler<Events[Name]>)(...args);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
