// Packed rows, the payload and the digest of inflight.v1 (sections 4, 5 and 7 of app/wire/PROTOCOL.md, and nothing else).

/** Something that the server sent and the protocol forbids. */
export class Violation extends Error {}

const ABSOLUTE = 1 << 18;
const IDENTITY = 1 << 19;
const MOTION = 1 << 20;
const MASK_END = 1 << 21;
const LONG = 0x80;
const SKIP = 0x40;
const MOVED = 0x20;
const TEXTS = [9, 16, 17];
const [LATITUDE, LONGITUDE, TIME_POSITION, LAST_CONTACT, ALTITUDE, GEO_ALTITUDE, SPEED, TRACK, VERTICAL_RATE] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const MS_MAX = 4102444800000;

const column = (name, min, max, canBeUnknown, grid) => ({ name, min, max, canBeUnknown, grid });

/** Section 5's columns; the index is the bit. */
export const COLUMNS = [
  column("latitude", -90000000, 90000000, false, 100),
  column("longitude", -180000000, 180000000, false, 100),
  column("time_position", 0, MS_MAX, true, 1000),
  column("last_contact", 0, MS_MAX, false, 1000),
  column("altitude", -200000, 5000000, true, 762),
  column("geo_altitude", -200000, 5000000, true, 762),
  column("speed", 0, 120000, true, null),
  column("track", 0, 35999, true, null),
  column("vertical_rate", -20000, 20000, true, 32.512),
  column("callsign", null, null, true, null),
  column("squawk", 0, 4095, true, null),
  column("flags", 0, 63, false, null),
  column("position_source", 0, 15, true, null),
  column("category", 0, 63, true, null),
  column("feed", 0, 63, true, null),
  column("turn_rate", -9000, 9000, true, null),
  column("type_code", null, null, true, null),
  column("registration", null, null, true, null),
];

/** Reads numbers off a byte string and knows where it is, for messages that help. */
class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  get isAtEnd() {
    return this.at >= this.bytes.length;
  }

  byte() {
    if (this.isAtEnd) throw new Violation(`rows end in the middle of a row, at byte ${this.at}`);
    return this.bytes[this.at++];
  }

  // Codes reach 2^43: a double holds them, the bit operators (32 bits) do not.
  varint() {
    const start = this.at;
    let value = 0;
    for (let index = 0; index < 10; index += 1) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) {
        if (!Number.isSafeInteger(value)) throw new Violation(`number ${value} at byte ${start} is too large`);
        return value;
      }
    }
    throw new Violation(`the number at byte ${start} has more than 10 bytes`);
  }

  signed() {
    return zigzag(this.varint());
  }

  text(length) {
    return String.fromCharCode(...Array.from({ length }, () => this.byte()));
  }
}

/** Puts packed rows into `slots`, a Map from slot to `{address, values, motion}`. */
export function applyRows(slots, bytes) {
  if (bytes.length === 0) return;
  const reader = new Reader(bytes);
  const clock = readClock(reader);
  let slot = -1;
  while (!reader.isAtEnd) {
    const head = reader.byte();
    slot += 1 + ((head & SKIP) !== 0 ? reader.varint() : 0);
    if ((head & LONG) !== 0) applyRow(slots, slot, reader);
    else applyStep(slots, slot, reader, head, clock);
  }
}

/** The 64-bit sum over all aircraft of section 7, as 16 hexadecimal digits. */
export function digestOf(aircraft) {
  let sum = 0n;
  for (const one of aircraft) sum = wrap(sum + hashOf(one));
  return sum.toString(16).padStart(16, "0");
}

/** The public form of one aircraft, as in the JSON segment. */
export function payloadOf({ address, values }) {
  const [lat, lon, timePosition, lastContact, altitude, geoAltitude, speed, track, rate, callsign, squawk, flags] = values;
  const per = (value, divisor) => (value === null ? null : value / divisor);
  return {
    icao24: address.toString(16).padStart(6, "0"),
    callsign,
    position: { lat: lat / 1e6, lon: lon / 1e6 },
    altitude_m: per(altitude, 100),
    geo_altitude_m: per(geoAltitude, 100),
    velocity_mps: per(speed, 100),
    heading_deg: per(track, 100),
    vertical_rate_mps: per(rate, 100),
    on_ground: (flags & 1) !== 0,
    squawk: squawk === null ? null : squawk.toString(8).padStart(4, "0"),
    spi: (flags & 2) !== 0,
    time_position_unix: per(timePosition, 1000),
    last_contact_unix: per(lastContact, 1000),
  };
}

function readClock(reader) {
  const unit = reader.varint();
  if (unit === 0) return null;
  const newest = reader.varint();
  if (unit > 1000 || newest > MS_MAX) throw new Violation(`a clock of ${newest} in units of ${unit} ms`);
  return { unit, newest };
}

/** A short row: the aircraft went on. */
function applyStep(slots, slot, reader, head, clock) {
  if (!clock) throw new Violation(`slot ${slot}: a short row without a clock`);
  const row = slots.get(slot);
  if (!row) throw new Violation(`slot ${slot} changes but holds no aircraft`);
  const before = row.values;
  const after = [...before];
  const put = (bit, value) => (after[bit] = checkedValue(COLUMNS[bit], value, slot));
  const ages = reader.byte();
  const age = readAge(reader, ages & 15);
  const lag = readAge(reader, ages >> 4);
  put(LAST_CONTACT, clock.newest - age * clock.unit);
  if ((head & MOVED) !== 0) put(TIME_POSITION, after[LAST_CONTACT] - lag * clock.unit);
  const small = [ALTITUDE, GEO_ALTITUDE, SPEED, TRACK, VERTICAL_RATE].filter((_, place) => (head & (1 << place)) !== 0);
  const codes = (head & 3) === 3 ? readPair(reader) : [];
  for (let index = codes.length; index < small.length; index += 1) codes.push(readCode(reader, COLUMNS[small[index]]));
  small.forEach((bit, index) => put(bit, resolve(COLUMNS[bit], baseOf(bit, before, after), codes[index])));
  if ((head & MOVED) !== 0) {
    const place = reckon(before, after);
    readPair(reader, [LATITUDE, LONGITUDE]).forEach((code, bit) => put(bit, resolve(COLUMNS[bit], place[bit], code)));
  }
  row.values = after;
  row.motion = null;
}

function readAge(reader, nibble) {
  return nibble < 15 ? nibble : 15 + reader.varint();
}

/** Two grid steps in a byte, in two, or each by itself. */
function readPair(reader, bits = [ALTITUDE, GEO_ALTITUDE]) {
  const first = reader.byte();
  const [number, most] = first < 225 ? [first, 7] : [(first - 225) * 256 + reader.byte(), 44];
  const count = 2 * most + 1;
  if (number < count * count) return [Math.floor(number / count) - most, (number % count) - most].map((grid) => ({ grid }));
  if (number > count * count) throw new Violation(`${number} is no pair of steps`);
  return bits.map((bit) => readCode(reader, COLUMNS[bit]));
}

function baseOf(bit, before, after) {
  if (bit === ALTITUDE) return (before[bit] ?? 0) + roundHalfAway(((before[VERTICAL_RATE] ?? 0) * elapsedMs(before, after)) / 1000);
  if (bit !== GEO_ALTITUDE) return before[bit] ?? 0;
  const isKnown = before[ALTITUDE] !== null && after[ALTITUDE] !== null;
  return (before[bit] ?? 0) + (isKnown ? after[ALTITUDE] - before[ALTITUDE] : 0);
}

function elapsedMs(before, after) {
  const isKnown = before[TIME_POSITION] !== null && after[TIME_POSITION] !== null;
  const elapsed = isKnown ? after[TIME_POSITION] - before[TIME_POSITION] : 0;
  return elapsed >= 0 && elapsed <= 120000 ? elapsed : 0;
}

/** Where a straight flight leads, latitude and longitude in 1e-6 degree. */
function reckon(before, after) {
  const elapsed = elapsedMs(before, after);
  const [latitude, longitude] = before;
  const isKnown = [before, after].every((values) => values[SPEED] !== null && values[TRACK] !== null);
  if (!isKnown || elapsed === 0 || Math.abs(latitude) > 85000000) return [latitude, longitude];
  const [from, to] = [before, after].map((values) => [values[SPEED] * sine(values[TRACK] + 9000), values[SPEED] * sine(values[TRACK])]);
  const way = elapsed / 2000 / 11.1195;
  const north = (from[0] + to[0]) * way;
  const east = ((from[1] + to[1]) * way) / hump(9000 - Math.abs(latitude) / 10000);
  return [latitude + Math.floor(north + 0.5), longitude + Math.floor(east + 0.5)];
}

function sine(angle) {
  const rest = angle % 36000;
  return rest < 18000 ? hump(rest) : -hump(rest - 18000);
}

function hump(angle) {
  const product = angle * (18000 - angle);
  return (4 * product) / (405000000 - product);
}

function applyRow(slots, slot, reader) {
  const mask = reader.varint();
  if (mask >= MASK_END) throw new Violation(`slot ${slot}: mask ${mask} has unknown bits`);
  const isAbsolute = (mask & ABSOLUTE) !== 0;
  if ((mask & (IDENTITY | MOTION)) !== 0 && !isAbsolute) throw new Violation(`slot ${slot}: IDENTITY or MOTION without ABSOLUTE`);
  if ((mask & IDENTITY) !== 0) {
    const address = reader.byte() * 0x10000 + reader.byte() * 0x100 + reader.byte();
    slots.set(slot, { address, values: COLUMNS.map(() => null), motion: null });
  }
  const row = slots.get(slot);
  if (!row) throw new Violation(`slot ${slot} changes but holds no aircraft`);
  COLUMNS.forEach((each, bit) => {
    if ((mask & (1 << bit)) === 0) return;
    const value = TEXTS.includes(bit) ? readText(reader) : readValue(reader, each, isAbsolute ? 0 : (row.values[bit] ?? 0));
    row.values[bit] = checkedValue(each, value, slot);
  });
  row.motion = (mask & MOTION) !== 0 ? readMotion(reader, row.values) : null;
  COLUMNS.forEach((each, bit) => checkedValue(each, row.values[bit], slot));
}

function readText(reader) {
  const length = reader.byte();
  if (length > 8) throw new Violation(`a text of ${length} characters`);
  const text = reader.text(length);
  if (!/^[\x20-\x7e]*$/.test(text)) throw new Violation(`text ${JSON.stringify(text)} is not ASCII`);
  return length === 0 ? null : text;
}

function readValue(reader, each, base) {
  return resolve(each, base, readCode(reader, each));
}

/** What a column's code says: null for unknown, or a step in grids or units. */
function readCode(reader, { grid }) {
  const code = reader.varint() - 1;
  if (code < 0) return null;
  if (grid === null) return { raw: zigzag(code) };
  return code % 2 === 0 ? { grid: zigzag(code / 2) } : { raw: zigzag((code - 1) / 2) };
}

function resolve({ grid }, base, code) {
  if (code === null) return null;
  if (code.raw !== undefined) return base + code.raw;
  return roundHalfAway((roundHalfAway(base / grid) + code.grid) * grid);
}

function readMotion(reader, values) {
  const [lat, lon, timePosition, lastContact, altitude, , speed, track, rate] = values;
  const at = (timePosition ?? lastContact) + reader.signed();
  const bases = [lat * 10, lon * 10, altitude ?? 0, speed ?? 0, track ?? 0, rate ?? 0, 0, 0];
  return { at, numbers: bases.map((base) => base + reader.signed()), samples: reader.byte() };
}

function checkedValue({ name, min, max, canBeUnknown }, value, slot) {
  if (value === null && !canBeUnknown) throw new Violation(`slot ${slot}: ${name} is unknown`);
  if (value !== null && min !== null && (value < min || value > max)) {
    throw new Violation(`slot ${slot}: ${name} ${value} is outside ${min}..${max}`);
  }
  return value;
}

function hashOf({ address, values }) {
  const view = new DataView(new ArrayBuffer(4 + 8 * COLUMNS.length));
  view.setUint32(0, address, true);
  values.forEach((value, bit) => view.setBigInt64(4 + 8 * bit, hashedValue(value), true));
  let hash = 0xcbf29ce484222325n;
  for (const byte of new Uint8Array(view.buffer)) hash = wrap((hash ^ BigInt(byte)) * 0x100000001b3n);
  hash = wrap((hash ^ (hash >> 30n)) * 0xbf58476d1ce4e5b9n);
  hash = wrap((hash ^ (hash >> 27n)) * 0x94d049bb133111ebn);
  return hash ^ (hash >> 31n);
}

function hashedValue(value) {
  if (value === null) return -(2n ** 63n);
  if (typeof value === "number") return BigInt(value);
  return [...value.padEnd(8, " ")].reduce((number, char) => number * 256n + BigInt(char.charCodeAt(0)), 0n);
}

function wrap(value) {
  return BigInt.asUintN(64, value);
}

function zigzag(value) {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

// Adding 0 turns -0 into 0, which BigInt and a comparison of JSON texts would tell apart.
function roundHalfAway(value) {
  return Math.sign(value) * Math.floor(Math.abs(value) + 0.5) + 0;
}
