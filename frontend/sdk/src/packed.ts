// Packed rows of aircraft (sections 4, 5 and 7 of app/wire/PROTOCOL.md).

import { LostStep, type Flight } from "./wire.js";

/** A value of a column: a number, a text, or null for unknown. */
type Value = number | string | null;

/** One aircraft: its address and the 18 columns. */
export interface Aircraft {
  readonly address: number;
  values: Value[];
}

interface Column {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly grid: number | null;
}

type Code = { readonly grid: number } | { readonly raw: number } | null;

const ABSOLUTE = 1 << 18;
const IDENTITY = 1 << 19;
const MOTION = 1 << 20;
const MASK_END = 1 << 21;
const LONG = 0x80;
const SKIP = 0x40;
const MOVED = 0x20;
const TEXTS = new Set([9, 16, 17]);
const NEVER_UNKNOWN = new Set([0, 1, 3, 11]);
const [LATITUDE, LONGITUDE, TIME_POSITION, LAST_CONTACT, ALTITUDE, GEO_ALTITUDE, SPEED, TRACK, VERTICAL_RATE] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8,
] as const;
const SHORT = [ALTITUDE, GEO_ALTITUDE, SPEED, TRACK, VERTICAL_RATE] as const;
const MS_MAX = 4_102_444_800_000;

const column = (name: string, min: number, max: number, grid: number | null = null): Column => ({ name, min, max, grid });

/** The columns; the index is the bit. */
const COLUMNS: readonly Column[] = [
  column("latitude", -90_000_000, 90_000_000, 100),
  column("longitude", -180_000_000, 180_000_000, 100),
  column("time_position", 0, MS_MAX, 1000),
  column("last_contact", 0, MS_MAX, 1000),
  column("altitude", -200_000, 5_000_000, 762),
  column("geo_altitude", -200_000, 5_000_000, 762),
  column("speed", 0, 120_000),
  column("track", 0, 35_999),
  column("vertical_rate", -20_000, 20_000, 32.512),
  column("callsign", 0, 0),
  column("squawk", 0, 4095),
  column("flags", 0, 63),
  column("position_source", 0, 15),
  column("category", 0, 63),
  column("feed", 0, 63),
  column("turn_rate", -9000, 9000),
  column("type_code", 0, 0),
  column("registration", 0, 0),
];

/** Puts packed rows into `slots` and answers the slots that they touched. */
export function applyRows(slots: Map<number, Aircraft>, bytes: Uint8Array): number[] {
  const touched: number[] = [];
  if (bytes.length === 0) return touched;
  const reader = new Reader(bytes);
  const unit = reader.varint();
  const newest = unit === 0 ? 0 : reader.varint();
  let slot = -1;
  while (!reader.isAtEnd) {
    const head = reader.byte();
    slot += 1 + ((head & SKIP) !== 0 ? reader.varint() : 0);
    if ((head & LONG) !== 0) applyLong(slots, slot, reader);
    else applyShort(slots, slot, reader, head, unit, newest);
    touched.push(slot);
  }
  return touched;
}

/** The public form of an aircraft, the same that the JSON form has. */
export function flightOf({ address, values }: Aircraft): Flight {
  const per = (bit: number, divisor: number): number | null => {
    const value = values[bit];
    return typeof value === "number" ? value / divisor : null;
  };
  const text = (bit: number): string | null => (values[bit] as string | null) ?? null;
  const flags = Number(values[11] ?? 0);
  const squawk = values[10];
  return {
    icao24: addressText(address),
    callsign: text(9),
    position: { lat: per(LATITUDE, 1e6) ?? 0, lon: per(LONGITUDE, 1e6) ?? 0 },
    altitude_m: per(ALTITUDE, 100),
    geo_altitude_m: per(GEO_ALTITUDE, 100),
    velocity_mps: per(SPEED, 100),
    heading_deg: per(TRACK, 100),
    vertical_rate_mps: per(VERTICAL_RATE, 100),
    on_ground: (flags & 1) !== 0,
    squawk: typeof squawk === "number" ? squawk.toString(8).padStart(4, "0") : null,
    spi: (flags & 2) !== 0,
    time_position_unix: per(TIME_POSITION, 1000),
    last_contact_unix: per(LAST_CONTACT, 1000) ?? 0,
  };
}

/** An address as six hexadecimal digits. */
export function addressText(address: number): string {
  return address.toString(16).padStart(6, "0");
}

/** The hash of a table of aircraft, as 16 hexadecimal digits; the order does not matter. */
export function digestOf(aircraft: Iterable<Aircraft>): string {
  let sum = 0n;
  for (const one of aircraft) sum = wrap(sum + hashOf(one));
  return sum.toString(16).padStart(16, "0");
}

/** Reads numbers off a byte string. */
class Reader {
  #at = 0;

  constructor(readonly bytes: Uint8Array) {}

  get isAtEnd(): boolean {
    return this.#at >= this.bytes.length;
  }

  byte(): number {
    const byte = this.bytes[this.#at];
    if (byte === undefined) throw bad("rows end in the middle of a row");
    this.#at += 1;
    return byte;
  }

  // Codes reach 2^44: a double holds them, the bit operators (32 bits) do not.
  varint(): number {
    let value = 0;
    for (let index = 0; index < 10; index += 1) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte >= 0x80) continue;
      if (!Number.isSafeInteger(value)) throw bad(`number ${value} is too large`);
      return value;
    }
    throw bad("a number has more than 10 bytes");
  }
}

function applyLong(slots: Map<number, Aircraft>, slot: number, reader: Reader): void {
  const mask = reader.varint();
  const isAbsolute = (mask & ABSOLUTE) !== 0;
  if (mask >= MASK_END || ((mask & (IDENTITY | MOTION)) !== 0 && !isAbsolute)) throw bad(`slot ${slot}: mask ${mask}`);
  if ((mask & IDENTITY) !== 0) {
    const address = reader.byte() * 0x10000 + reader.byte() * 0x100 + reader.byte();
    slots.set(slot, { address, values: COLUMNS.map(() => null) });
  }
  const row = held(slots, slot);
  COLUMNS.forEach((each, bit) => {
    if ((mask & (1 << bit)) === 0) return;
    const base = isAbsolute ? 0 : numberAt(row.values, bit);
    row.values[bit] = TEXTS.has(bit) ? readText(reader) : resolve(each, base, readCode(reader, each));
  });
  // The motion state: a time, eight numbers and a byte, none of which belongs to the table.
  if ((mask & MOTION) !== 0) {
    for (let index = 0; index < 9; index += 1) reader.varint();
    reader.byte();
  }
  row.values.forEach((value, bit) => check(value, bit, slot));
}

/** A short row: the aircraft went on. */
function applyShort(slots: Map<number, Aircraft>, slot: number, reader: Reader, head: number, unit: number, newest: number): void {
  if (unit === 0) throw bad(`slot ${slot}: a short row without a clock`);
  const row = held(slots, slot);
  const before = row.values;
  const after = [...before];
  const ages = reader.byte();
  const age = readAge(reader, ages & 15);
  const lag = readAge(reader, ages >> 4);
  after[LAST_CONTACT] = newest - age * unit;
  const hasMoved = (head & MOVED) !== 0;
  if (hasMoved) after[TIME_POSITION] = newest - (age + lag) * unit;
  const named = SHORT.filter((_, place) => (head & (1 << place)) !== 0);
  const codes: Code[] = (head & 3) === 3 ? readPair(reader, ALTITUDE, GEO_ALTITUDE) : [];
  for (const bit of named.slice(codes.length)) codes.push(readCode(reader, columnAt(bit)));
  named.forEach((bit, index) => {
    after[bit] = resolve(columnAt(bit), baseOf(bit, before, after), codes[index] ?? null);
  });
  if (hasMoved) {
    const place = reckon(before, after);
    readPair(reader, LATITUDE, LONGITUDE).forEach((code, bit) => {
      after[bit] = resolve(columnAt(bit), place[bit] ?? 0, code);
    });
  }
  after.forEach((value, bit) => check(value, bit, slot));
  row.values = after;
}

function readAge(reader: Reader, nibble: number): number {
  return nibble < 15 ? nibble : 15 + reader.varint();
}

/** Two grid steps in a byte, in two, or each by itself. */
function readPair(reader: Reader, first: number, second: number): Code[] {
  const byte = reader.byte();
  const number = byte < 225 ? byte : (byte - 225) * 256 + reader.byte();
  const most = byte < 225 ? 7 : 44;
  const count = 2 * most + 1;
  if (number < count * count) return [{ grid: Math.floor(number / count) - most }, { grid: (number % count) - most }];
  if (number > count * count) throw bad(`${number} is no pair of steps`);
  return [readCode(reader, columnAt(first)), readCode(reader, columnAt(second))];
}

function readCode(reader: Reader, { grid }: Column): Code {
  const code = reader.varint() - 1;
  if (code < 0) return null;
  if (grid === null) return { raw: zigzag(code) };
  return code % 2 === 0 ? { grid: zigzag(code / 2) } : { raw: zigzag((code - 1) / 2) };
}

function readText(reader: Reader): string | null {
  const length = reader.byte();
  if (length > 8) throw bad(`a text of ${length} characters`);
  let text = "";
  for (let index = 0; index < length; index += 1) text += String.fromCharCode(reader.byte());
  return text === "" ? null : text;
}

function resolve({ grid }: Column, base: number, code: Code): number | null {
  if (code === null) return null;
  if ("raw" in code) return base + code.raw;
  const step = grid ?? 1;
  return round((round(base / step) + code.grid) * step);
}

function baseOf(bit: number, before: Value[], after: Value[]): number {
  const base = numberAt(before, bit);
  if (bit === ALTITUDE) return base + round((numberAt(before, VERTICAL_RATE) * elapsedMs(before, after)) / 1000);
  const isKnown = before[ALTITUDE] !== null && after[ALTITUDE] !== null;
  if (bit === GEO_ALTITUDE && isKnown) return base + numberAt(after, ALTITUDE) - numberAt(before, ALTITUDE);
  return base;
}

function elapsedMs(before: Value[], after: Value[]): number {
  if (before[TIME_POSITION] === null || after[TIME_POSITION] === null) return 0;
  const elapsed = numberAt(after, TIME_POSITION) - numberAt(before, TIME_POSITION);
  return elapsed >= 0 && elapsed <= 120_000 ? elapsed : 0;
}

/** Where a straight flight leads, latitude and longitude in 1e-6 degree. */
function reckon(before: Value[], after: Value[]): [number, number] {
  const elapsed = elapsedMs(before, after);
  const [latitude, longitude] = [numberAt(before, LATITUDE), numberAt(before, LONGITUDE)];
  const isKnown = [before, after].every((values) => values[SPEED] !== null && values[TRACK] !== null);
  if (!isKnown || elapsed === 0 || Math.abs(latitude) > 85_000_000) return [latitude, longitude];
  const along = (values: Value[], turn: number): number => numberAt(values, SPEED) * sine(numberAt(values, TRACK) + turn);
  const way = elapsed / 2000 / 11.1195;
  const north = (along(before, 9000) + along(after, 9000)) * way;
  const east = ((along(before, 0) + along(after, 0)) * way) / hump(9000 - Math.abs(latitude) / 10_000);
  return [latitude + Math.floor(north + 0.5), longitude + Math.floor(east + 0.5)];
}

function sine(angle: number): number {
  const rest = angle % 36_000;
  return rest < 18_000 ? hump(rest) : -hump(rest - 18_000);
}

function hump(angle: number): number {
  const product = angle * (18_000 - angle);
  return (4 * product) / (405_000_000 - product);
}

function hashOf({ address, values }: Aircraft): bigint {
  const view = new DataView(new ArrayBuffer(4 + 8 * COLUMNS.length));
  view.setUint32(0, address, true);
  values.forEach((value, bit) => view.setBigInt64(4 + 8 * bit, hashed(value), true));
  let hash = 0xcbf29ce484222325n;
  for (const byte of new Uint8Array(view.buffer)) hash = wrap((hash ^ BigInt(byte)) * 0x100000001b3n);
  hash = wrap((hash ^ (hash >> 30n)) * 0xbf58476d1ce4e5b9n);
  hash = wrap((hash ^ (hash >> 27n)) * 0x94d049bb133111ebn);
  return hash ^ (hash >> 31n);
}

function hashed(value: Value): bigint {
  if (value === null) return -(2n ** 63n);
  if (typeof value === "number") return BigInt(value);
  return [...value.padEnd(8, " ")].reduce((number, letter) => number * 256n + BigInt(letter.charCodeAt(0)), 0n);
}

function check(value: Value, bit: number, slot: number): void {
  const { name, min, max } = columnAt(bit);
  if (value === null && NEVER_UNKNOWN.has(bit)) throw bad(`slot ${slot}: ${name} is unknown`);
  if (typeof value === "number" && (value < min || value > max)) throw bad(`slot ${slot}: ${name} is ${value}`);
}

function held(slots: Map<number, Aircraft>, slot: number): Aircraft {
  const row = slots.get(slot);
  if (!row) throw bad(`slot ${slot} changes but holds no aircraft`);
  return row;
}

function columnAt(bit: number): Column {
  const found = COLUMNS[bit];
  if (!found) throw bad(`there is no column ${bit}`);
  return found;
}

function numberAt(values: Value[], bit: number): number {
  const value = values[bit];
  return typeof value === "number" ? value : 0;
}

function bad(problem: string): LostStep {
  return new LostStep(problem, true);
}

function wrap(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

function zigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

// Adding 0 turns -0 into 0, which BigInt would refuse.
function round(value: number): number {
  return Math.sign(value) * Math.floor(Math.abs(value) + 0.5) + 0;
}
