// The tables of a client, rebuilt from frames; no socket here.

import { addressText, applyRows, digestOf, flightOf, type Aircraft } from "./packed.js";
import { LostStep, type Clock, type Disruption, type Entry, type Flight, type Form, type Header, type Position, type Presence, type Segment, type ServerMessage, type SystemRow } from "./wire.js";

/** What a frame did. */
export interface Applied {
  /** A part of a snapshot, changes, a proof of the table, or something that is no part of the tables. */
  readonly kind: "snapshot" | "tick" | "digest" | "other";
  /** Topics of which something changed, and for each the keys. */
  readonly changed: ReadonlyMap<string, ReadonlySet<string>>;
  /** Entries of event topics, oldest first. */
  readonly entries: readonly Entry[];
  /** Whether they are from before their topics were asked for. */
  readonly isEarlier: boolean;
  /** Whether they were told before a snapshot that is still to come; they come again if the connection breaks first. */
  readonly isRecalled: boolean;
  /** Entries up to this offset are no longer at hand; 0 if none is missing. */
  readonly lost: number;
}

/** Rows by key. */
export class Tables {
  readonly flights = new Map<string, Flight>();
  readonly disruptions = new Map<string, Disruption>();
  readonly system = new Map<string, SystemRow>();
  readonly presence = new Map<string, Presence>();
  clock: Clock = { streamMs: 0, rate: 0 };
  /** Proofs that the table of aircraft is that of the server. */
  proofs = 0;
  #position: Position | null = null;
  #loading: { position: Position; next: number } | null = null;
  readonly #slots = new Map<number, Aircraft>();
  readonly #addresses = new Map<number, number>();
  #form: Form | null = null;

  /** Where these tables are; null until a whole snapshot came. */
  get position(): Position | null {
    return this.#loading ? null : this.#position;
  }

  /** Says in which form frames come now. Slots belong to one form, so another one starts anew. */
  read(form: Form): void {
    if (this.#form !== null && this.#form !== form) this.forget();
    this.#form = form;
  }

  /** Gives the place up; the next frame must be a snapshot. Rows stay until it comes. */
  forget(): void {
    this.#position = null;
    this.#loading = null;
  }

  /** Takes a frame in. Throws {@link LostStep} for one that does not follow. */
  apply([header, ...segments]: ServerMessage): Applied {
    const changed = new Map<string, Set<string>>();
    if (header.type === "digest") this.#prove(header);
    if (header.type !== "snapshot" && header.type !== "tick") {
      return { kind: header.type === "digest" ? "digest" : "other", changed, entries: [], isEarlier: false, isRecalled: false, lost: 0 };
    }
    const after = { epoch: header.epoch ?? 0, cut: header.cut ?? 0 };
    if (header.type === "snapshot") this.#begin(header, after, changed);
    else this.#follow(header);
    for (const segment of segments) this.#take(segment, changed);
    if (header.type === "snapshot" && (header.part ?? 0) + 1 < (header.parts ?? 1)) {
      this.#loading = { position: after, next: (header.part ?? 0) + 1 };
    } else {
      this.#loading = null;
      this.#position = after;
    }
    this.clock = { streamMs: header.stream_ms ?? 0, rate: header.rate ?? 0 };
    const events = segments.find(({ topic }) => topic === "events");
    return {
      kind: header.type,
      changed,
      entries: events?.entries ?? [],
      isEarlier: events?.earlier ?? false,
      isRecalled: header.type === "tick" && header.base === header.cut,
      lost: events?.lost ?? 0,
    };
  }

  #begin({ part = 0 }: Header, { epoch, cut }: Position, changed: Map<string, Set<string>>): void {
    if (part !== 0) {
      const { position, next } = this.#loading ?? {};
      if (part === next && position?.epoch === epoch && position.cut === cut) return;
      throw new LostStep(`part ${part} of a snapshot came where ${next ?? 0} was due`, true);
    }
    for (const [topic, table] of this.#tables()) {
      for (const key of table.keys()) note(changed, topic, key);
      table.clear();
    }
    this.#slots.clear();
    this.#addresses.clear();
  }

  #follow({ epoch, base }: Header): void {
    const here = this.position;
    if (here?.epoch === epoch && here?.cut === base) return;
    throw new LostStep(`a tick leads from ${epoch}:${base}, the tables are at ${here?.epoch}:${here?.cut}`, false);
  }

  #take(segment: Segment, changed: Map<string, Set<string>>): void {
    if (segment.topic === "flights" && segment.rows) return this.#takeRows(segment, segment.rows, changed);
    const table = this.#tables().find(([topic]) => topic === segment.topic)?.[1];
    if (!table) return;
    for (const key of segment.removed ?? []) {
      if (table.delete(String(key))) note(changed, segment.topic, String(key));
    }
    for (const row of segment.updated ?? []) {
      const key = keyOf(segment.topic, row as Readonly<Record<string, unknown>>);
      table.set(key, row);
      note(changed, segment.topic, key);
    }
  }

  #takeRows({ removed }: Segment, rows: Uint8Array, changed: Map<string, Set<string>>): void {
    for (const slot of removed ?? []) {
      this.#free(Number(slot), changed);
      this.#slots.delete(Number(slot));
    }
    const touched = applyRows(this.#slots, rows).map((slot) => [slot, this.#slots.get(slot)] as const);
    // A slot may hold another aircraft now, and the one that was in it may have found another slot.
    for (const [slot, aircraft] of touched) {
      if (aircraft?.address !== this.#addresses.get(slot)) this.#free(slot, changed);
    }
    for (const [slot, aircraft] of touched) {
      if (!aircraft) continue;
      const flight = flightOf(aircraft);
      this.#addresses.set(slot, aircraft.address);
      this.flights.set(flight.icao24, flight);
      note(changed, "flights", flight.icao24);
    }
  }

  #free(slot: number, changed: Map<string, Set<string>>): void {
    const address = this.#addresses.get(slot);
    if (address === undefined) return;
    const icao24 = addressText(address);
    this.#addresses.delete(slot);
    this.flights.delete(icao24);
    note(changed, "flights", icao24);
  }

  #prove({ epoch, cut, flights }: Header): void {
    const here = this.position;
    if (this.#form !== "msgpack" || here?.epoch !== epoch || here?.cut !== cut) return;
    const own = digestOf(this.#slots.values());
    if (own !== flights) throw new LostStep(`the aircraft hash to ${own}, those of the server to ${flights}`, true);
    this.proofs += 1;
  }

  #tables(): [string, Map<string, unknown>][] {
    return [
      ["flights", this.flights as Map<string, unknown>],
      ["disruptions", this.disruptions as Map<string, unknown>],
      ["system", this.system as Map<string, unknown>],
      ["presence", this.presence as Map<string, unknown>],
    ];
  }
}

const SYSTEM_KEYS: Readonly<Record<string, string>> = {
  source: "name",
  drops: "reason",
  dead_letter: "place",
  topic: "name",
  alert: "code",
  dependency: "name",
};

/** The key of a row: what the document says for its topic and kind. */
function keyOf(topic: string, row: Readonly<Record<string, unknown>>): string {
  if (topic === "flights") return String(row["icao24"]);
  if (topic === "disruptions") return String(row["id"]);
  if (topic === "presence") return `${String(row["room"])}/${String(row["user"])}`;
  const kind = String(row["kind"]);
  const field = SYSTEM_KEYS[kind];
  return field === undefined ? kind : `${kind}/${String(row[field])}`;
}

function note(changed: Map<string, Set<string>>, topic: string, key: string): void {
  const keys = changed.get(topic) ?? new Set();
  changed.set(topic, keys.add(key));
}
