// The tables of inflight.v1 and the rules that rebuild them; no socket here. Written from app/wire/PROTOCOL.md alone.

import { applyRows, digestOf, payloadOf, Violation } from "./packed.mjs";

const PAYLOAD_FIELDS = [
  "icao24", "callsign", "position", "altitude_m", "geo_altitude_m", "velocity_mps", "heading_deg",
  "vertical_rate_mps", "on_ground", "squawk", "spi", "time_position_unix", "last_contact_unix",
];
const PAYLOAD_NEVER_NULL = ["icao24", "position", "on_ground", "spi", "last_contact_unix"];

/** The tables of one client of `/stream/ws`, in either form. */
export class StreamTable {
  /** `form` is `msgpack` or `json`. */
  constructor(form) {
    this.form = form;
    this.epoch = null;
    this.cut = null;
    // The earliest cut at which the aircraft already stood as they stand now.
    this.flightsCut = null;
    this.system = new Map();
    this.said = null;
    this.digestsVerified = 0;
    this.loading = null;
    this.clear();
  }

  /** Takes one server message and answers its `type`. */
  take(message) {
    if (!Array.isArray(message) || message.length === 0) throw new Violation("a server message is an array with a header");
    const [header, ...segments] = message;
    if (header?.type === "snapshot") this.takeSnapshot(header, segments);
    else if (header?.type === "tick") this.takeTick(header, segments);
    else if (header?.type === "digest") this.takeDigest(header);
    return header?.type;
  }

  get isPlaced() {
    return this.cut !== null && this.loading === null;
  }

  /** The digest that this client computes; null in the JSON form, which lacks two of the columns. */
  digest() {
    return this.form === "json" ? null : digestOf(this.slots.values());
  }

  payloads() {
    const packed = [...this.slots.values()].map(payloadOf);
    const byAddress = new Map(packed.map((payload) => [payload.icao24, payload]));
    if (byAddress.size !== packed.length) throw new Violation("two slots hold one aircraft");
    return sorted([...byAddress, ...this.flights]);
  }

  clear() {
    this.slots = new Map();
    this.flights = new Map();
    this.system.clear();
  }

  takeSnapshot(header, segments) {
    const { epoch, cut, part, parts } = header;
    const expected = this.loading ?? { epoch, cut, parts, next: 0 };
    // A fresh snapshot may come at any time, so part 0 is welcome also in the middle of another.
    const isFresh = part === 0;
    const isNext = epoch === expected.epoch && cut === expected.cut && parts === expected.parts && part === expected.next;
    if (!isFresh && !isNext) {
      throw new Violation(`snapshot part ${part} of ${parts} at cut ${cut}, expected part ${expected.next} of ${expected.parts} at cut ${expected.cut}`);
    }
    if (isFresh) this.clear();
    this.loading = { epoch, cut, parts, next: part + 1 };
    this.applySegments(segments);
    if (part + 1 === parts) {
      Object.assign(this, { epoch, cut, flightsCut: cut, loading: null });
    }
  }

  takeTick({ epoch, base, cut }, segments) {
    if (this.loading) throw new Violation(`a tick to cut ${cut} between the parts of a snapshot`);
    if (epoch !== this.epoch || base !== this.cut) {
      throw new Violation(`wrong base: the tick leads from ${epoch}:${base}, the client is at ${this.epoch}:${this.cut}`);
    }
    if (cut < base) throw new Violation(`a tick leads back from cut ${base} to ${cut}`);
    // The answer to a resume may carry segments and stay at its cut, but then they change nothing.
    if (cut === base && segments.some(isChange)) throw new Violation(`a tick changes rows but stays at cut ${cut}`);
    this.applySegments(segments);
    this.cut = cut;
    if (segments.some((segment) => segment.topic === "flights" && isChange(segment))) this.flightsCut = cut;
  }

  takeDigest({ epoch, cut, flights }) {
    if (!/^[0-9a-f]{16}$/.test(flights)) throw new Violation(`digest ${flights} is not 16 lower-case hexadecimal digits`);
    this.said = { epoch, cut, flights };
    if (this.loading || epoch !== this.epoch || cut !== this.cut) return;
    const own = this.digest();
    if (own === null) return;
    if (own !== flights) throw new Violation(`digest mismatch at cut ${cut}: the server says ${flights}, the client has ${own}`);
    this.digestsVerified += 1;
  }

  applySegments(segments) {
    const topics = segments.map((segment) => segment.topic);
    if (new Set(topics).size !== topics.length) throw new Violation(`two segments of one topic in ${topics}`);
    for (const segment of segments) {
      if (segment.topic === "system") this.applySystem(segment);
      else if (segment.topic === "flights") this.applyFlights(segment);
    }
  }

  // Removing a key that the client does not hold is no error: it may have come and gone while the client was away.
  applyFlights(segment) {
    if (this.form === "json") {
      for (const address of list(segment, "removed")) this.flights.delete(address);
      for (const payload of list(segment, "updated")) this.flights.set(payload.icao24, checkedPayload(payload));
    } else {
      if (!(segment.rows instanceof Uint8Array)) throw new Violation("the segment `flights` has no byte string `rows`");
      for (const slot of segment.removed ? list(segment, "removed") : []) this.slots.delete(slot);
      applyRows(this.slots, segment.rows);
    }
  }

  applySystem(segment) {
    for (const key of list(segment, "removed")) this.system.delete(key);
    const keyField = { source: "name", drops: "reason", dead_letter: "place" };
    for (const row of list(segment, "updated")) {
      if (keyField[row.kind]) this.system.set(`${row.kind}/${row[keyField[row.kind]]}`, row);
    }
  }
}

/** The table of one client of `/ws/flights`. */
export class PlainTable {
  constructor() {
    this.epoch = null;
    this.cut = null;
    this.flights = new Map();
  }

  get isPlaced() {
    return this.cut !== null;
  }

  get flightsCut() {
    return this.cut;
  }

  take(message) {
    if (message.type === "snapshot") {
      if (message.schema_version !== 1) throw new Violation(`schema_version ${message.schema_version}, expected 1`);
      this.flights = new Map();
      this.epoch = message.epoch;
      this.put(list(message, "flights"));
      this.cut = message.cut;
    } else if (message.type === "delta") {
      if (message.base !== this.cut) throw new Violation(`wrong base: the delta leads from ${message.base}, the client is at ${this.cut}`);
      if (message.cut < message.base) throw new Violation(`a delta leads back from cut ${message.base} to ${message.cut}`);
      for (const key of list(message, "removed")) this.flights.delete(key);
      this.put(list(message, "updated"));
      this.cut = message.cut;
    }
    return message.type;
  }

  digest() {
    return null;
  }

  payloads() {
    return sorted([...this.flights]);
  }

  put(payloads) {
    for (const payload of payloads) this.flights.set(payload.icao24, checkedPayload(payload));
  }
}

function checkedPayload(payload) {
  const fields = Object.keys(payload);
  const missing = PAYLOAD_FIELDS.filter((field) => !fields.includes(field));
  const extra = fields.filter((field) => !PAYLOAD_FIELDS.includes(field));
  const empty = PAYLOAD_NEVER_NULL.filter((field) => payload[field] === null);
  if (missing.length + extra.length + empty.length > 0) {
    throw new Violation(`payload ${payload.icao24}: missing [${missing}], unknown [${extra}], null [${empty}]`);
  }
  return payload;
}

function isChange({ rows, updated, removed }) {
  return [rows, updated, removed].some((each) => each?.length > 0);
}

function list(map, field) {
  if (!Array.isArray(map[field])) throw new Violation(`\`${field}\` is no array in ${JSON.stringify(Object.keys(map))}`);
  return map[field];
}

function sorted(entries) {
  return Object.fromEntries(entries.sort(([left], [right]) => (left < right ? -1 : 1)));
}
