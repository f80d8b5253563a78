// A connection that comes back by itself: over a WebSocket, or over Server-Sent Events where that is blocked.

import { addressesOf, type Addresses } from "./addresses.js";
import { backoffMs } from "./backoff.js";
import { Emitter } from "./emitter.js";
import { openEvents, openSocket, type Ending, type SocketClass, type Transport, type TransportName } from "./transport.js";
import type { ClientMessage, Form, Position, ServerMessage } from "./wire.js";

/** How to reach a server. */
export interface ConnectionOptions {
  /** Where it is: `http://host:3000`, or `wss://host/v1`. */
  readonly baseUrl: string;
  /** The whole address of Server-Sent Events, where it is not `/stream/sse` below `baseUrl`. */
  readonly sseUrl?: string;
  /** Sent in headers only, never in an address. */
  readonly apiKey?: string;
  /** How often to come back in a row before giving up; for ever unless set. */
  readonly maxReconnectAttempts?: number;
  /** Bound of the first wait in milliseconds, 250 unless set. It doubles up to 30 s; each wait is at random below it. */
  readonly reconnectDelay?: number;
  /** Ways to try, in this order; a WebSocket and then Server-Sent Events unless set. */
  readonly transports?: readonly TransportName[];
  /** The class of sockets, where there is no `WebSocket`: Node 20 takes that of the package ws. */
  readonly webSocket?: SocketClass;
  readonly fetch?: typeof globalThis.fetch;
  /** For tests: numbers between 0 and 1. */
  readonly random?: () => number;
}

/** What a connection asks its owner. */
export interface Owner {
  /** What to subscribe to, and from where. */
  wish(form: Form): { readonly topics: readonly string[]; readonly resume: Position | null };
}

/** What a connection tells. */
export interface ConnectionEvents {
  open: [transport: TransportName, reconnected: boolean];
  message: [message: ServerMessage, form: Form];
  closed: [ending: Ending, nextMs: number | null];
  problem: [type: TransportName | "access", message: string, details: unknown];
  debug: [message: string, details: unknown];
}

/** What it is doing. */
export type ConnectionState = "idle" | "connecting" | "open" | "waiting";

/** A connection that hears nothing for this long is taken for dead. */
const SILENCE_MS = 40_000;

/** A connection that stands this long has succeeded; one that is closed at once must not be asked for again at once. */
const STEADY_MS = 5_000;

/** A way that does not open within this time is blocked. */
const OPENING_MS = 10_000;

/** One client's connection. */
export class Connection extends Emitter<ConnectionEvents> {
  state: ConnectionState = "idle";
  /** Attempts in a row after which no connection stood. */
  attempts = 0;
  /** When something was last heard, in milliseconds since 1970; null if nothing was. */
  heardAt: number | null = null;
  #transport: Transport | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #steady: ReturnType<typeof setTimeout> | undefined;
  #wasOpen = false;
  #run = 0;
  readonly #addresses: Addresses;
  readonly #ways: readonly TransportName[];
  readonly #socket: SocketClass | undefined;
  readonly #fetch: typeof globalThis.fetch;

  constructor(
    readonly options: ConnectionOptions,
    readonly form: Form,
    readonly owner: Owner,
  ) {
    super();
    this.#addresses = addressesOf(options.baseUrl, options.sseUrl);
    this.#socket = options.webSocket ?? (globalThis as { WebSocket?: SocketClass }).WebSocket;
    this.#fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
    this.#ways = (options.transports ?? ["websocket", "sse"]).filter((way) => way === "sse" || this.#socket);
    if (this.#ways.length === 0) throw new TypeError("there is no WebSocket here: pass its class as `webSocket`");
  }

  /** The way that is open. */
  get transport(): TransportName | null {
    return this.state === "open" ? (this.#transport?.name ?? null) : null;
  }

  /** The form in which messages come now. */
  get heardForm(): Form {
    return this.#transport?.form ?? this.form;
  }

  /** Goes on until {@link Connection.disconnect}; without effect while it does. */
  connect(): void {
    if (this.state === "idle") this.#try(0);
  }

  /** Ends it and stays away. */
  disconnect(): void {
    const wasOn = this.state !== "idle";
    this.#stop();
    this.state = "idle";
    this.attempts = 0;
    if (wasOn) this.emit("closed", { code: 1000, reason: "disconnected", retryMs: null }, null);
  }

  /** Sends a message; false while that cannot be. */
  send(message: ClientMessage): boolean {
    return this.state === "open" && (this.#transport?.send(message) ?? false);
  }

  /** Asks for what the owner wishes now. */
  renew(): void {
    if (this.state !== "open") return;
    const { topics, resume } = this.owner.wish(this.heardForm);
    if (this.send({ type: "subscribe", topics, ...(resume ? { resume } : {}) })) return;
    // Over Server-Sent Events another wish is another request.
    this.#stop();
    void this.#open("sse", this.#run, this.#ways.indexOf("sse"));
  }

  /** A request to the plain interface, with the key. Rejects with the server's own words. */
  async request(method: string, path: string, body?: unknown): Promise<unknown> {
    const json: Record<string, string> = body === undefined ? {} : { "Content-Type": "application/json" };
    const answer = await this.#fetch(`${this.#addresses.http}${path}`, {
      method,
      headers: { ...json, ...this.#credentials() },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const value: unknown = /json/.test(answer.headers.get("Content-Type") ?? "") ? JSON.parse(text) : text;
    if (answer.ok) return value;
    const { error } = (value ?? {}) as { error?: { code?: string; message?: string; field?: string } };
    throw new RequestRefused(answer.status, error?.code ?? "", error?.message ?? answer.statusText, error?.field ?? null);
  }

  #try(way: number): void {
    const name = this.#ways[way];
    if (name) void this.#open(name, this.#run, way);
  }

  async #open(name: TransportName, run: number, way: number): Promise<void> {
    this.state = "connecting";
    this.emit("debug", `connecting over ${name}`, { attempt: this.attempts });
    try {
      const url = name === "websocket" ? await this.#withTicket(this.#addresses.socket) : this.#addresses.events;
      if (run !== this.#run) return;
      this.#transport = this.#start(name, url, run, way);
      this.#listen(run, way);
    } catch (error) {
      if (run !== this.#run) return;
      const isRefused = error instanceof RequestRefused && [401, 403].includes(error.status);
      const reason = error instanceof Error ? error.message : String(error);
      this.#over(name, way, { code: isRefused ? error.status : 0, reason, retryMs: null }, run);
    }
  }

  #start(name: TransportName, url: string, run: number, way: number): Transport {
    const listener = {
      received: (message: ServerMessage) => {
        if (run === this.#run) this.#hear(name, way, message, run);
      },
      ended: (ending: Ending) => {
        if (run === this.#run) this.#over(name, way, ending, run);
      },
    };
    if (name === "websocket" && this.#socket) return openSocket(this.#socket, url, this.form, listener);
    const headers = this.#credentials();
    return openEvents(this.#fetch, { url, headers, ...this.owner.wish("json") }, listener);
  }

  #hear(name: TransportName, way: number, message: ServerMessage, run: number): void {
    this.heardAt = Date.now();
    const [{ type }] = message;
    this.emit("debug", `heard ${type}`, message);
    if (run !== this.#run) return;
    if (type !== "hello") {
      this.#listen(run, way);
      return this.emit("message", message, this.heardForm);
    }
    const reconnected = this.#wasOpen;
    this.#wasOpen = true;
    this.#steady = setTimeout(() => (this.attempts = 0), STEADY_MS);
    this.state = "open";
    this.#listen(run, way);
    if (name === "websocket") this.renew();
    this.emit("open", name, reconnected);
  }

  /** An attempt or a connection ended: the next way at once if this one never opened, else later. */
  #over(name: TransportName, way: number, ending: Ending, run: number): void {
    const wasOpen = this.state === "open";
    this.#stop();
    const isLast = this.options.maxReconnectAttempts !== undefined && this.attempts >= this.options.maxReconnectAttempts;
    const isRefused = ending.code === 401 || ending.code === 403;
    if (!wasOpen) {
      const type = isRefused ? "access" : name;
      this.emit("problem", type, ending.reason || `${name} could not be opened`, ending);
      if (run + 1 !== this.#run) return;
      if (way + 1 < this.#ways.length && !isRefused) return this.#try(way + 1);
    }
    if (isRefused || isLast) {
      this.state = "idle";
      return this.emit("closed", ending, null);
    }
    const random = (this.options.random ?? Math.random)();
    const nextMs = ending.retryMs ?? backoffMs(this.attempts, this.options.reconnectDelay ?? 250, random);
    this.attempts += 1;
    this.state = "waiting";
    this.#timer = setTimeout(() => this.#try(0), nextMs);
    if (wasOpen) this.emit("closed", ending, nextMs);
    this.emit("debug", `trying again in ${Math.round(nextMs)} ms`, { attempt: this.attempts });
  }

  #listen(run: number, way: number): void {
    clearTimeout(this.#silence);
    const patienceMs = this.state === "open" ? SILENCE_MS : OPENING_MS;
    this.#silence = setTimeout(() => {
      const reason = `nothing was heard for ${patienceMs / 1000} s`;
      if (run === this.#run && this.#transport) this.#over(this.#transport.name, way, { code: 0, reason, retryMs: null }, run);
    }, patienceMs);
  }

  /** Whatever comes of what was begun before this is read over. */
  #stop(): void {
    this.#run += 1;
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    clearTimeout(this.#steady);
    this.#transport?.close();
    this.#transport = null;
  }

  #credentials(): Record<string, string> {
    return this.options.apiKey === undefined ? {} : { Authorization: `Bearer ${this.options.apiKey}` };
  }

  /** A browser's socket takes no headers, so that a key is changed into a ticket that is good once and for seconds. */
  async #withTicket(url: string): Promise<string> {
    if (this.options.apiKey === undefined) return url;
    const { ticket } = (await this.request("POST", "/api/v1/tickets")) as { ticket: string };
    return `${url}?ticket=${encodeURIComponent(ticket)}`;
  }
}

/** The server refused a request. */
export class RequestRefused extends Error {
  override readonly name = "RequestRefused";

  constructor(
    readonly status: number,
    /** A word that can be searched. */
    readonly code: string,
    message: string,
    readonly field: string | null,
  ) {
    super(message);
  }
}
