// The messages of inflight.v1 as app/wire/PROTOCOL.md describes them.

/** A place in the stream of cuts. */
export interface Position {
  readonly epoch: number;
  readonly cut: number;
}

/** The time of what is shown. */
export interface Clock {
  /** Milliseconds since 1970 at the moment of sending. */
  readonly streamMs: number;
  /** Stream seconds in a second: 1 live, 0 while paused. */
  readonly rate: number;
}

/** An aircraft as last observed. What is not known is null. */
export interface Flight {
  readonly icao24: string;
  readonly callsign: string | null;
  readonly position: { readonly lat: number; readonly lon: number };
  readonly altitude_m: number | null;
  readonly geo_altitude_m: number | null;
  readonly velocity_mps: number | null;
  readonly heading_deg: number | null;
  readonly vertical_rate_mps: number | null;
  readonly on_ground: boolean;
  readonly squawk: string | null;
  readonly spi: boolean;
  readonly time_position_unix: number | null;
  readonly last_contact_unix: number;
}

/** Something that goes otherwise than planned. */
export interface Disruption {
  readonly id: string;
  readonly kind: string;
  readonly icao24: string;
  readonly callsign: string | null;
  readonly began: number;
  readonly last_seen: number;
  readonly ended: number | null;
  readonly severity: "notice" | "attention" | "alarm";
  readonly confidence_pct: number;
  readonly place: readonly [number, number];
  readonly airport: string | null;
  readonly evidence: Readonly<Record<string, number>>;
}

/** A row in which the server tells of itself; the fields depend on `kind`. */
export interface SystemRow {
  readonly kind: string;
  readonly [field: string]: unknown;
}

/** Somebody in a room that this client is in too. */
export interface Presence {
  readonly room: string;
  readonly user: string;
  /** Since when, in seconds since 1970 by the server's clock. */
  readonly since: number;
  readonly connections: number;
}

/** An entry of an event topic or room. */
export interface Entry<Data = unknown> {
  /** Its number among all entries of the server. */
  readonly offset: number;
  readonly topic: string;
  /** Seconds since 1970. */
  readonly at: number;
  readonly type: string;
  readonly data: Data;
  /** Who said it, where that is known. */
  readonly by?: string;
}

/** One change of the recording that all see. */
export type ReplayCommand =
  | { readonly action: "play" | "pause" }
  | { readonly action: "speed"; readonly value: number }
  | { readonly action: "seek"; readonly to: number }
  | { readonly action: "loop"; readonly on: boolean }
  | { readonly action: "step"; readonly polls: number };

/** A point of a trail: ms since 1970, 1e-6 degrees north and east, cm or null, on the ground. */
export type TrailPoint = readonly [number, number, number, number | null, boolean];

/** The first element of a server message. */
export interface Header {
  readonly type: string;
  readonly epoch?: number;
  readonly base?: number;
  readonly cut?: number;
  readonly part?: number;
  readonly parts?: number;
  readonly stream_ms?: number;
  readonly rate?: number;
  readonly flights?: string;
  readonly id?: number;
  readonly code?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly retry_ms?: number;
  readonly points?: readonly TrailPoint[];
}

/** The changes of one topic. */
export interface Segment {
  readonly topic: string;
  readonly updated?: readonly unknown[];
  readonly removed?: readonly unknown[];
  readonly rows?: Uint8Array;
  readonly entries?: readonly Entry[];
  readonly lost?: number;
  readonly earlier?: boolean;
}

/** What a server sends. */
export type ServerMessage = readonly [Header, ...Segment[]];

/** What a client sends. */
export interface ClientMessage {
  readonly type: "subscribe" | "ping" | "replay" | "trail";
  readonly [field: string]: unknown;
}

/** How messages are written: binary, or text that people can read. */
export type Form = "msgpack" | "json";

/** What the server sends can no longer be followed: ask again from where the tables are, or from scratch. */
export class LostStep extends Error {
  override readonly name = "LostStep";

  /** `fromScratch` where the tables themselves are in doubt. */
  constructor(
    message: string,
    readonly fromScratch: boolean,
  ) {
    super(message);
  }
}
