// The StreamingClient of specification 002: signals, proposals, decisions, outcomes, risks and system events.

import type { ConnectionOptions, ConnectionState } from "./connection.js";
import { Emitter } from "./emitter.js";
import { InflightClient, type InflightEvents, type Problem, type Receipt } from "./inflight_client.js";
import { EVENT_TYPES, type EventData, type EventType, type StreamEvent } from "./rows.js";
import type { TransportName } from "./transport.js";
import type { Entry } from "./wire.js";

/** How to reach a server and what to hear. */
export interface StreamingOptions extends ConnectionOptions {
  /** For the status only: who you are follows from the key. */
  readonly userId?: string;
  /** All six types unless set. */
  readonly subscriptions?: readonly EventType[];
  /** Whether it connects by itself once the handlers stand; true unless set. */
  readonly autoConnect?: boolean;
  /** How much may wait for a connection, 100 unless set. */
  readonly queueLimit?: number;
}

/** How it stands. */
export interface StreamingStatus {
  readonly isConnected: boolean;
  readonly state: ConnectionState;
  readonly transport: TransportName | null;
  readonly reconnectAttempts: number;
  readonly subscriptions: readonly EventType[];
  readonly userId: string | null;
  readonly queued: number;
  readonly lastHeardAt: number | null;
}

/** What it tells: the data of each event, and then the whole event. */
export type StreamingEvents = {
  [Type in EventType]: [data: EventData[Type], event: StreamEvent<Type>];
} & Pick<InflightEvents, "connection" | "disconnection" | "debug"> & { error: [Problem] };

/** Hears events, each once, across any number of reconnections. */
export class StreamingClient extends Emitter<StreamingEvents> {
  readonly #client: InflightClient;
  readonly #userId: string | null;
  #subscriptions: readonly EventType[];

  constructor(options: StreamingOptions) {
    super();
    this.#userId = options.userId ?? null;
    this.#subscriptions = checked(options.subscriptions ?? EVENT_TYPES);
    this.#client = new InflightClient({ ...options, form: "json", topics: topicsOf(this.#subscriptions), history: false });
    this.#client
      .on("connection", (connection) => this.emit("connection", connection))
      .on("disconnection", (ending) => this.emit("disconnection", ending))
      .on("error", (problem) => this.emit("error", problem))
      .on("debug", (note) => this.emit("debug", note))
      .on("entry", (entry) => this.#tell(entry));
    if (options.autoConnect ?? true) queueMicrotask(() => this.connect());
  }

  get subscriptions(): readonly EventType[] {
    return this.#subscriptions;
  }

  get isConnected(): boolean {
    return this.#client.isConnected;
  }

  /** Connects, and comes back for ever; without effect while it does. */
  connect(): void {
    if (this.#subscriptions.length > 0) this.#client.connect();
  }

  /** Leaves. */
  disconnect(): void {
    this.#client.disconnect();
  }

  /** Hears these types as well; while there is no connection, from the next one on. */
  subscribe(types: readonly EventType[]): void {
    const wasEmpty = this.#subscriptions.length === 0;
    this.#subscriptions = checked([...this.#subscriptions, ...types]);
    this.#client.subscribe(topicsOf(this.#subscriptions));
    this.#client.unsubscribe(topicsOf(EVENT_TYPES.filter((type) => !this.#subscriptions.includes(type))));
    if (wasEmpty) this.connect();
  }

  /** Hears these types no longer. Without any there is nothing to connect for. */
  unsubscribe(types: readonly EventType[]): void {
    this.#subscriptions = this.#subscriptions.filter((type) => !types.includes(type));
    this.#client.unsubscribe(topicsOf(types));
    if (this.#subscriptions.length === 0) this.disconnect();
  }

  getStatus(): StreamingStatus {
    const { isConnected, state, transport, reconnectAttempts, queued, lastHeardAt } = this.#client.getStatus();
    const { subscriptions } = this;
    return { isConnected, state, transport, reconnectAttempts, subscriptions, userId: this.#userId, queued, lastHeardAt };
  }

  /** Publishes an event, where the key allows it; waits until it is on the server's disk. */
  publish<Type extends EventType>(type: Type, data: EventData[Type]): Promise<Receipt> {
    return this.#client.publish(topicOf(type), data);
  }

  #tell(entry: Entry): void {
    const type = EVENT_TYPES.find((each) => topicOf(each) === entry.topic);
    if (!type || !this.#subscriptions.includes(type)) return;
    const event = { type, data: entry.data, timestamp: new Date(entry.at * 1000).toISOString() };
    (this.emit as (name: EventType, data: unknown, event: unknown) => void).call(this, type, event.data, event);
  }
}

/** `system` is the name of a table here; its events are notices. */
function topicOf(type: EventType): string {
  return type === "system" ? "notice" : type;
}

function topicsOf(types: readonly EventType[]): string[] {
  return types.map(topicOf);
}

function checked(types: readonly EventType[]): readonly EventType[] {
  const unknown = types.find((type) => !EVENT_TYPES.includes(type));
  if (unknown !== undefined) throw new TypeError(`subscriptions: expected some of ${EVENT_TYPES.join(", ")}, got ${unknown}`);
  return [...new Set(types)];
}
