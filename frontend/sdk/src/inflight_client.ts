// Live tables: aircraft, disruptions and the server's own rows, held in step with the server.

import { Connection, type ConnectionOptions, type ConnectionState } from "./connection.js";
import { Emitter } from "./emitter.js";
import { Heard } from "./entries.js";
import { NotSent, Queue } from "./queue.js";
import { Tables } from "./tables.js";
import type { Ending, TransportName } from "./transport.js";
import { LostStep, type Clock, type Disruption, type Entry, type Flight, type Form, type Header, type Position, type Presence, type ReplayCommand, type ServerMessage, type SystemRow, type TrailPoint } from "./wire.js";

/** What to follow, and how to reach it. */
export interface InflightOptions extends ConnectionOptions {
  /** State tables, event topics and rooms; `flights` unless set. */
  readonly topics?: readonly string[];
  /** `msgpack` unless set: a tenth of the bytes of `json`. Server-Sent Events are always `json`. */
  readonly form?: Form;
  /** Whether the newest entries from before a topic was asked for are told too; true unless set. */
  readonly history?: boolean;
  /** How much may wait for a connection, 100 unless set. */
  readonly queueLimit?: number;
}

/** What changed. */
export interface Change {
  readonly position: Position | null;
  /** Whether the tables began anew: everything may differ. */
  readonly isSnapshot: boolean;
  /** Keys of rows that came, changed or went, by topic. */
  readonly keys: ReadonlyMap<string, ReadonlySet<string>>;
}

/** What a publisher learns: the number of the entry, and from where on everybody has it. */
export interface Receipt extends Position {
  readonly offset: number;
}

/** What goes wrong. */
export interface Problem {
  readonly type: TransportName | "access" | "server" | "step" | "lost" | "queue";
  readonly message: string;
  readonly details: unknown;
}

/** How it stands. */
export interface InflightStatus {
  readonly isConnected: boolean;
  readonly state: ConnectionState;
  readonly transport: TransportName | null;
  readonly reconnectAttempts: number;
  readonly topics: readonly string[];
  readonly position: Position | null;
  readonly queued: number;
  readonly proofs: number;
  readonly lastHeardAt: number | null;
}

/** What it tells. */
export interface InflightEvents {
  connection: [{ readonly reconnected: boolean; readonly transport: TransportName }];
  disconnection: [Ending & { readonly willReconnect: boolean; readonly retryInMs: number | null }];
  change: [Change];
  entry: [Entry];
  error: [Problem];
  debug: [{ readonly message: string; readonly details: unknown }];
}

type Waiting = { readonly resolve: (header: Header) => void; readonly reject: (error: Error) => void };

/** A client of protocol inflight.v1. */
export class InflightClient extends Emitter<InflightEvents> {
  readonly #tables = new Tables();
  readonly #connection: Connection;
  readonly #queue: Queue;
  readonly #answers = new Map<number, Waiting>();
  #topics: string[];
  /** What the server was last asked for. */
  #asked: readonly string[] = [];
  /** Topics that were held at the tables' position. */
  #held: ReadonlySet<string> = new Set();
  /** Topics whose entries were heard up to it; a snapshot comes without them. */
  #before: ReadonlySet<string> = new Set();
  readonly #heard: Heard;
  #nextId = 1;
  #isRenewing = false;

  constructor(options: InflightOptions) {
    super();
    this.#topics = [...new Set(options.topics ?? ["flights"])];
    this.#heard = new Heard(options.history ?? true);
    this.#queue = new Queue(options.queueLimit ?? 100);
    this.#connection = new Connection(options, options.form ?? "msgpack", { wish: (form) => this.#wish(form) });
    this.#connection
      .on("open", (transport, reconnected) => {
        this.#queue.flush();
        this.emit("connection", { reconnected, transport });
      })
      .on("closed", (ending, nextMs) => this.#closed(ending, nextMs))
      .on("problem", (type, message, details) => this.emit("error", { type, message, details }))
      .on("debug", (message, details) => this.emit("debug", { message, details }))
      .on("message", (message) => this.#take(message));
  }

  /** Aircraft by address. */
  get flights(): ReadonlyMap<string, Flight> {
    return this.#tables.flights;
  }

  /** Disruptions by id. */
  get disruptions(): ReadonlyMap<string, Disruption> {
    return this.#tables.disruptions;
  }

  /** What the server tells of itself, by key. */
  get system(): ReadonlyMap<string, SystemRow> {
    return this.#tables.system;
  }

  /** Who is in the rooms among the topics, by room and user, where `presence` is among them too. */
  get presence(): ReadonlyMap<string, Presence> {
    return this.#tables.presence;
  }

  /** The time of what is shown. */
  get clock(): Clock {
    return this.#tables.clock;
  }

  get topics(): readonly string[] {
    return this.#topics;
  }

  get isConnected(): boolean {
    return this.#connection.state === "open";
  }

  /** Connects, and comes back for ever. */
  connect(): void {
    this.#connection.connect();
  }

  /** Leaves. Rows stay as they are; what waits is given up. */
  disconnect(): void {
    this.#connection.disconnect();
    this.#queue.clear("disconnected");
  }

  /** Follows these as well. */
  subscribe(topics: readonly string[]): void {
    this.#follow([...this.#topics, ...topics]);
  }

  /** Follows these no longer; the last topic stays. */
  unsubscribe(topics: readonly string[]): void {
    this.#follow(this.#topics.filter((topic) => !topics.includes(topic)));
  }

  getStatus(): InflightStatus {
    const { state, transport, attempts, heardAt } = this.#connection;
    return {
      isConnected: this.isConnected,
      state,
      transport,
      reconnectAttempts: attempts,
      topics: [...this.#topics],
      position: this.#tables.position,
      queued: this.#queue.length,
      proofs: this.#tables.proofs,
      lastHeardAt: heardAt,
    };
  }

  /** Milliseconds that a message takes there and back; over Server-Sent Events, a request. */
  async ping(): Promise<number> {
    const began = performance.now();
    await this.#whenOpen(() => (this.#speaks() ? this.#ask("ping", {}) : this.#connection.request("GET", "/healthz")));
    return performance.now() - began;
  }

  /** Moves the recording that all see, where that is allowed. It takes a WebSocket: no request does it. */
  async replay(command: ReplayCommand): Promise<void> {
    await this.#whenOpen(() => this.#ask("replay", { command }));
  }

  /** Where an aircraft has been, oldest first. */
  trail(icao24: string): Promise<readonly TrailPoint[]> {
    return this.#whenOpen(async () => {
      if (this.#speaks()) return (await this.#ask("trail", { icao24 })).points ?? [];
      const path = `/api/v1/flights/${encodeURIComponent(icao24)}/trail`;
      const { points } = (await this.#connection.request("GET", path)) as { points: readonly PlainPoint[] };
      return points.map(trailPoint);
    });
  }

  /**
   * Publishes to an event topic or room, and waits until it is on the server's disk. In a room `type` says what
   * happened, such as `load.updated`.
   */
  publish(topic: string, data: unknown, type?: string): Promise<Receipt> {
    const path = `/api/v1/events/${topic.split("/").map(encodeURIComponent).join("/")}`;
    const body = type === undefined ? { data } : { type, data };
    return this.#whenOpen(() => this.#connection.request("POST", path, body) as Promise<Receipt>);
  }

  #follow(topics: readonly string[]): void {
    const wanted = [...new Set(topics)];
    if (wanted.length === 0 || wanted.join() === this.#topics.join()) return;
    this.#topics = wanted;
    this.#connection.renew();
  }

  /** What was not held before comes only with a snapshot. */
  #wish(form: Form): { topics: readonly string[]; resume: Position | null } {
    this.#tables.read(form);
    const isHeld = this.#topics.every((topic) => this.#held.has(topic));
    this.#asked = this.#topics;
    return { topics: this.#topics, resume: isHeld ? this.#tables.position : null };
  }

  #take(message: ServerMessage): void {
    const [header] = message;
    const waiting = header.id === undefined ? undefined : this.#answers.get(header.id);
    if (header.type === "error") return this.#refused(header, waiting);
    if (waiting && header.id !== undefined) {
      this.#answers.delete(header.id);
      return waiting.resolve(header);
    }
    try {
      const { kind, changed, entries, isEarlier, isRecalled, lost } = this.#tables.apply(message);
      if (kind !== "snapshot" && kind !== "tick") return;
      this.#isRenewing = false;
      const isSnapshot = kind === "snapshot";
      if (isSnapshot && this.#tables.position) this.#heard.settled();
      const told = this.#heard.take(isRecalled ? this.#heard.again(entries) : entries, isEarlier, this.#before);
      if (this.#tables.position) this.#held = new Set(this.#asked);
      if (kind === "tick") this.#before = this.#held;
      for (const entry of told) this.emit("entry", entry);
      if (lost > 0) {
        const message = `entries up to ${lost} are no longer at hand: some may be missing`;
        this.emit("error", { type: "lost", message, details: { offset: lost } });
      }
      if (changed.size > 0) this.emit("change", { position: this.#tables.position, isSnapshot, keys: changed });
    } catch (error) {
      if (!(error instanceof LostStep)) throw error;
      // What was on its way when this client asked anew does not follow either.
      if (this.#isRenewing && !error.fromScratch) return;
      this.#isRenewing = true;
      if (error.fromScratch) this.#tables.forget();
      this.emit("error", { type: "step", message: error.message, details: null });
      this.#connection.renew();
    }
  }

  #refused(header: Header, waiting: Waiting | undefined): void {
    if (header.id !== undefined) this.#answers.delete(header.id);
    const message = `${header.code}: ${header.message}`;
    if (waiting) waiting.reject(new Error(message));
    else this.emit("error", { type: "server", message, details: header });
  }

  #closed(ending: Ending, nextMs: number | null): void {
    for (const { reject } of this.#answers.values()) reject(new NotSent("the connection ended before the answer came"));
    this.#answers.clear();
    if (nextMs === null) this.#queue.clear("the connection is given up");
    this.emit("disconnection", { ...ending, willReconnect: nextMs !== null, retryInMs: nextMs });
  }

  /** Whether the server hears messages on this connection. */
  #speaks(): boolean {
    return this.#connection.transport === "websocket";
  }

  #ask(type: "ping" | "replay" | "trail", fields: Readonly<Record<string, unknown>>): Promise<Header> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      if (!this.#connection.send({ type, id, ...fields })) {
        return reject(new NotSent(`${type}: Server-Sent Events carry no messages of clients`));
      }
      this.#answers.set(id, { resolve, reject });
    });
  }

  #whenOpen<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.isConnected) return work();
    const asked = this.#queue.add(work);
    asked.catch((error: unknown) => {
      if (error instanceof NotSent) this.emit("error", { type: "queue", message: error.message, details: null });
    });
    return asked;
  }
}

/** A point of a trail as requests have it: seconds since 1970, degrees, metres. */
type PlainPoint = readonly [number, number, number, number | null, boolean];

function trailPoint([time, latitude, longitude, altitudeM, isOnGround]: PlainPoint): TrailPoint {
  const altitudeCm = altitudeM === null ? null : Math.round(altitudeM * 100);
  return [Math.round(time * 1000), Math.round(latitude * 1e6), Math.round(longitude * 1e6), altitudeCm, isOnGround];
}
