"""The tables of inflight.v1 and the rules that rebuild them. Written from app/wire/PROTOCOL.md alone."""

import math
import struct
from collections import namedtuple

MASK64 = (1 << 64) - 1
UNKNOWN = -(1 << 63)
ABSOLUTE, IDENTITY, MOTION = 1 << 18, 1 << 19, 1 << 20
TEXTS = (9, 16, 17)
LONG, SKIP, MOVED = 0x80, 0x40, 0x20
LATITUDE, LONGITUDE, TIME_POSITION, LAST_CONTACT, ALTITUDE, GEO_ALTITUDE, SPEED, TRACK, VERTICAL_RATE = range(9)
MS_MAX = 4102444800000

Column = namedtuple("Column", "name low high can_be_unknown grid")

COLUMNS = [
    Column("latitude", -90000000, 90000000, False, 100),
    Column("longitude", -180000000, 180000000, False, 100),
    Column("time_position", 0, MS_MAX, True, 1000),
    Column("last_contact", 0, MS_MAX, False, 1000),
    Column("altitude", -200000, 5000000, True, 762),
    Column("geo_altitude", -200000, 5000000, True, 762),
    Column("speed", 0, 120000, True, None),
    Column("track", 0, 35999, True, None),
    Column("vertical_rate", -20000, 20000, True, 32.512),
    Column("callsign", None, None, True, None),
    Column("squawk", 0, 4095, True, None),
    Column("flags", 0, 63, False, None),
    Column("position_source", 0, 15, True, None),
    Column("category", 0, 63, True, None),
    Column("feed", 0, 63, True, None),
    Column("turn_rate", -9000, 9000, True, None),
    Column("type_code", None, None, True, None),
    Column("registration", None, None, True, None),
]

# The fields of a payload and the types that JSON may give them.
NUMBER, NONE = (int, float), type(None)
PAYLOAD = {
    "icao24": str,
    "callsign": (str, NONE),
    "position": dict,
    "altitude_m": (*NUMBER, NONE),
    "geo_altitude_m": (*NUMBER, NONE),
    "velocity_mps": (*NUMBER, NONE),
    "heading_deg": (*NUMBER, NONE),
    "vertical_rate_mps": (*NUMBER, NONE),
    "on_ground": bool,
    "squawk": (str, NONE),
    "spi": bool,
    "time_position_unix": (*NUMBER, NONE),
    "last_contact_unix": NUMBER,
}

SYSTEM_KEYS = {"source": "name", "drops": "reason", "dead_letter": "place"}


class Violation(Exception):
    """Something that the server sent and the protocol forbids."""


class Aircraft:
    """One slot: an address and the 18 columns, None where unknown."""

    def __init__(self, address):
        self.address = address
        self.values = [None] * len(COLUMNS)
        self.motion = None

    def payload(self):
        """The public form of the aircraft, as in the JSON segment."""
        lat, lon, time_position, last_contact, altitude, geo_altitude, speed, track, rate, callsign, squawk, flags = self.values[:12]
        return {
            "icao24": f"{self.address:06x}",
            "callsign": callsign,
            "position": {"lat": lat / 1e6, "lon": lon / 1e6},
            "altitude_m": per(altitude, 100),
            "geo_altitude_m": per(geo_altitude, 100),
            "velocity_mps": per(speed, 100),
            "heading_deg": per(track, 100),
            "vertical_rate_mps": per(rate, 100),
            "on_ground": bool(flags & 1),
            "squawk": None if squawk is None else f"{squawk:04o}",
            "spi": bool(flags & 2),
            "time_position_unix": per(time_position, 1000),
            "last_contact_unix": per(last_contact, 1000),
        }

    def hash(self):
        """The 64-bit hash of section 7."""
        numbers = [UNKNOWN if value is None else value for value in self.values]
        for bit in TEXTS:
            if self.values[bit] is not None:
                numbers[bit] = int.from_bytes(self.values[bit].ljust(8).encode("ascii"), "big")
        result = 0xCBF29CE484222325
        for byte in struct.pack("<I18q", self.address, *numbers):
            result = ((result ^ byte) * 0x100000001B3) & MASK64
        result = ((result ^ (result >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
        result = ((result ^ (result >> 27)) * 0x94D049BB133111EB) & MASK64
        return result ^ (result >> 31)


class RowReader:
    """Reads packed rows (section 5) off a byte string."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def apply(self, slots):
        if not self.data:
            return
        clock = self.clock()
        slot = -1
        while self.at < len(self.data):
            head = self.take(1)[0]
            slot += 1 + (self.varint() if head & SKIP else 0)
            if head & LONG:
                self.row(slots, slot)
            else:
                self.step(slots, slot, head, clock)

    def clock(self):
        """The newest time of the rows and the unit of their ages; None where no row is short."""
        unit = self.varint()
        if unit == 0:
            return None
        newest = self.varint()
        if unit > 1000 or newest > MS_MAX:
            raise Violation(f"a clock of {newest} in units of {unit} ms")
        return newest, unit

    def step(self, slots, slot, head, clock):
        """A short row: the aircraft went on."""
        if clock is None:
            raise Violation(f"slot {slot}: a short row without a clock")
        aircraft = slots.get(slot)
        if aircraft is None:
            raise Violation(f"slot {slot} changes but holds no aircraft")
        newest, unit = clock
        before, after = aircraft.values, list(aircraft.values)
        ages = self.take(1)[0]
        age, lag = self.age(ages & 15), self.age(ages >> 4)
        after[LAST_CONTACT] = newest - age * unit
        if head & MOVED:
            after[TIME_POSITION] = after[LAST_CONTACT] - lag * unit
        small = [bit for place, bit in enumerate((ALTITUDE, GEO_ALTITUDE, SPEED, TRACK, VERTICAL_RATE)) if head & (1 << place)]
        codes = self.pair(ALTITUDE, GEO_ALTITUDE) if head & 3 == 3 else []
        codes += [self.code(COLUMNS[bit]) for bit in small[len(codes) :]]
        for bit, code in zip(small, codes):
            after[bit] = resolve(COLUMNS[bit], base_of(bit, before, after), code)
            check_range(COLUMNS[bit], after[bit], slot)
        if head & MOVED:
            place = reckon(before, after)
            for bit, code in enumerate(self.pair(LATITUDE, LONGITUDE)):
                after[bit] = resolve(COLUMNS[bit], place[bit], code)
        aircraft.values, aircraft.motion = after, None
        check_ranges(aircraft, slot)

    def age(self, nibble):
        return nibble if nibble < 15 else 15 + self.varint()

    def pair(self, *bits):
        """Two grid steps in a byte, in two, or each by itself."""
        number, most = self.take(1)[0], 7
        if number >= 225:
            number, most = (number - 225) * 256 + self.take(1)[0], 44
        count = 2 * most + 1
        if number > count * count:
            raise Violation(f"{number} is no pair of steps")
        if number == count * count:
            return [self.code(COLUMNS[bit]) for bit in bits]
        return [("grid", number // count - most), ("grid", number % count - most)]

    def row(self, slots, slot):
        mask = self.varint()
        if mask >> 21:
            raise Violation(f"slot {slot}: mask {mask:#x} has unknown bits")
        is_absolute = bool(mask & ABSOLUTE)
        if mask & (IDENTITY | MOTION) and not is_absolute:
            raise Violation(f"slot {slot}: IDENTITY or MOTION without ABSOLUTE")
        if mask & IDENTITY:
            slots[slot] = Aircraft(int.from_bytes(self.take(3), "big"))
        aircraft = slots.get(slot)
        if aircraft is None:
            raise Violation(f"slot {slot} changes but holds no aircraft")
        for bit, column in enumerate(COLUMNS):
            if mask & (1 << bit):
                base = 0 if is_absolute else aircraft.values[bit]
                aircraft.values[bit] = self.text() if bit in TEXTS else self.value(column, base or 0)
        check_ranges(aircraft, slot)
        aircraft.motion = self.motion(aircraft.values) if mask & MOTION else None

    def value(self, column, base):
        return resolve(column, base, self.code(column))

    def code(self, column):
        """What a column's code says: None for unknown, or a step in grids or units."""
        code = self.varint() - 1
        if code < 0:
            return None
        if column.grid is None:
            return "raw", unzigzag(code)
        return ("grid", unzigzag(code // 2)) if code % 2 == 0 else ("raw", unzigzag(code // 2))

    def text(self):
        length = self.take(1)[0]
        if length > 8:
            raise Violation(f"a text of {length} characters")
        text = self.take(length)
        if any(byte < 0x20 or byte > 0x7E for byte in text):
            raise Violation(f"text {text!r} is not ASCII")
        return text.decode("ascii") or None

    def motion(self, values):
        lat, lon, time_position, last_contact, altitude, _, speed, track, rate = values[:9]
        at = (last_contact if time_position is None else time_position) + unzigzag(self.varint())
        bases = [lat * 10, lon * 10, altitude or 0, speed or 0, track or 0, rate or 0, 0, 0]
        return at, [base + unzigzag(self.varint()) for base in bases], self.take(1)[0]

    def varint(self):
        value = 0
        for index in range(10):
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << (7 * index)
            if byte < 0x80:
                return value
        raise Violation(f"the number before byte {self.at} has more than 10 bytes")

    def take(self, count):
        if self.at + count > len(self.data):
            raise Violation(f"rows end in the middle of a row, at byte {self.at}")
        self.at += count
        return self.data[self.at - count : self.at]


class StreamTable:
    """The tables of one client of /stream/ws; `form` is `msgpack` or `json`."""

    def __init__(self, form):
        self.form = form
        self.epoch = self.cut = self.said = self.loading = None
        # The earliest cut at which the aircraft already stood as they stand now.
        self.flights_cut = None
        self.digests_verified = 0
        self.clear()

    @property
    def is_placed(self):
        return self.cut is not None and self.loading is None

    def take(self, message):
        """Takes one server message and returns its type."""
        if not isinstance(message, list) or not message:
            raise Violation("a server message is an array with a header")
        header, *segments = message
        kind = header["type"]
        if kind == "snapshot":
            self.take_snapshot(header, segments)
        elif kind == "tick":
            self.take_tick(header, segments)
        elif kind == "digest":
            self.take_digest(header)
        return kind

    def digest(self):
        """The digest that this client computes; None in the JSON form, which lacks two of the columns."""
        if self.form == "json":
            return None
        return f"{sum(aircraft.hash() for aircraft in self.slots.values()) & MASK64:016x}"

    def payloads(self):
        if self.form == "json":
            return dict(sorted(self.flights.items()))
        by_address = {f"{each.address:06x}": each.payload() for each in self.slots.values()}
        if len(by_address) != len(self.slots):
            raise Violation("two slots hold one aircraft")
        return dict(sorted(by_address.items()))

    def clear(self):
        self.slots, self.flights, self.system = {}, {}, {}

    def take_snapshot(self, header, segments):
        epoch, cut, part, parts = (header[name] for name in ("epoch", "cut", "part", "parts"))
        if part == 0:
            self.clear()
        elif self.loading != (epoch, cut, part, parts):
            raise Violation(f"snapshot part {part} of {parts} of {epoch}:{cut}, expected {self.loading}")
        self.loading = (epoch, cut, part + 1, parts)
        self.apply(segments)
        if part + 1 == parts:
            self.epoch, self.cut, self.flights_cut, self.loading = epoch, cut, cut, None

    def take_tick(self, header, segments):
        epoch, base, cut = header["epoch"], header["base"], header["cut"]
        if self.loading:
            raise Violation(f"a tick to cut {cut} between the parts of a snapshot")
        if (epoch, base) != (self.epoch, self.cut):
            raise Violation(f"wrong base: the tick leads from {epoch}:{base}, the client is at {self.epoch}:{self.cut}")
        # The answer to a resume may carry segments and stay at its cut, but then they change nothing.
        if cut < base or (cut == base and any(map(is_change, segments))):
            raise Violation(f"a tick with changes leads from cut {base} to {cut}")
        self.apply(segments)
        self.cut = cut
        if any(segment["topic"] == "flights" and is_change(segment) for segment in segments):
            self.flights_cut = cut

    def take_digest(self, header):
        self.said = {name: header[name] for name in ("epoch", "cut", "flights")}
        if not self.is_placed or (header["epoch"], header["cut"]) != (self.epoch, self.cut):
            return
        own = self.digest()
        if own is None:
            return
        if own != header["flights"]:
            raise Violation(f"digest mismatch at cut {self.cut}: the server says {header['flights']}, the client has {own}")
        self.digests_verified += 1

    def apply(self, segments):
        topics = [segment["topic"] for segment in segments]
        if len(set(topics)) != len(topics):
            raise Violation(f"two segments of one topic in {topics}")
        for segment in segments:
            if segment["topic"] == "flights":
                self.apply_flights(segment)
            elif segment["topic"] == "system":
                self.apply_system(segment)

    def apply_flights(self, segment):
        # Removing a key that the client does not hold is no error: it may have come and gone while the client was away.
        table = self.flights if self.form == "json" else self.slots
        for key in segment.get("removed", []):
            table.pop(key, None)
        if self.form == "json":
            put(self.flights, segment["updated"])
        elif isinstance(segment["rows"], bytes):
            RowReader(segment["rows"]).apply(self.slots)
        else:
            raise Violation("`rows` is no byte string")

    def apply_system(self, segment):
        for key in segment["removed"]:
            self.system.pop(key, None)
        for row in segment["updated"]:
            if row["kind"] in SYSTEM_KEYS:
                self.system[f"{row['kind']}/{row[SYSTEM_KEYS[row['kind']]]}"] = row


class PlainTable:
    """The table of one client of /ws/flights."""

    def __init__(self):
        self.epoch = self.cut = self.said = None
        self.digests_verified = 0
        self.flights = {}

    @property
    def is_placed(self):
        return self.cut is not None

    @property
    def flights_cut(self):
        return self.cut

    def take(self, message):
        if message["type"] == "snapshot":
            if message["schema_version"] != 1:
                raise Violation(f"schema_version {message['schema_version']}, expected 1")
            self.epoch, self.cut, self.flights = message["epoch"], message["cut"], {}
            put(self.flights, message["flights"])
        elif message["type"] == "delta":
            if message["base"] != self.cut or message["cut"] < message["base"]:
                raise Violation(f"wrong base: the delta leads from {message['base']} to {message['cut']}, the client is at {self.cut}")
            for address in message["removed"]:
                self.flights.pop(address, None)
            put(self.flights, message["updated"])
            self.cut = message["cut"]
        return message["type"]

    def digest(self):
        return None

    def payloads(self):
        return dict(sorted(self.flights.items()))


def is_change(segment):
    return any(segment.get(field) for field in ("rows", "updated", "removed"))


def put(flights, payloads):
    for payload in payloads:
        if payload.keys() != PAYLOAD.keys():
            raise Violation(f"the payload of {payload.get('icao24')} has the fields {sorted(payload)}")
        for field, types in PAYLOAD.items():
            if not isinstance(payload[field], types):
                raise Violation(f"{field} of {payload['icao24']} is {payload[field]!r}")
        flights[payload["icao24"]] = payload


def resolve(column, base, code):
    if code is None:
        return None
    kind, step = code
    if kind == "raw":
        return base + step
    return round_half_away((round_half_away(base / column.grid) + step) * column.grid)


def base_of(bit, before, after):
    if bit == ALTITUDE:
        return (before[bit] or 0) + round_half_away((before[VERTICAL_RATE] or 0) * elapsed_ms(before, after) / 1000)
    if bit != GEO_ALTITUDE or before[ALTITUDE] is None or after[ALTITUDE] is None:
        return before[bit] or 0
    return (before[bit] or 0) + after[ALTITUDE] - before[ALTITUDE]


def elapsed_ms(before, after):
    if before[TIME_POSITION] is None or after[TIME_POSITION] is None:
        return 0
    elapsed = after[TIME_POSITION] - before[TIME_POSITION]
    return elapsed if 0 <= elapsed <= 120_000 else 0


def reckon(before, after):
    """Where a straight flight leads, latitude and longitude in 1e-6 degree."""
    latitude, longitude = before[LATITUDE], before[LONGITUDE]
    elapsed = elapsed_ms(before, after)
    known = all(values[bit] is not None for values in (before, after) for bit in (SPEED, TRACK))
    if not known or elapsed == 0 or abs(latitude) > 85_000_000:
        return latitude, longitude
    (north_from, east_from), (north_to, east_to) = (
        (values[SPEED] * sine(values[TRACK] + 9000), values[SPEED] * sine(values[TRACK])) for values in (before, after)
    )
    way = elapsed / 2000 / 11.1195
    north = (north_from + north_to) * way
    east = (east_from + east_to) * way / hump(9000 - abs(latitude) / 10_000)
    return latitude + math.floor(north + 0.5), longitude + math.floor(east + 0.5)


def sine(angle):
    angle %= 36_000
    return hump(angle) if angle < 18_000 else -hump(angle - 18_000)


def hump(angle):
    product = angle * (18_000 - angle)
    return 4 * product / (405_000_000 - product)


def check_ranges(aircraft, slot):
    for column, value in zip(COLUMNS, aircraft.values):
        check_range(column, value, slot)


def check_range(column, value, slot):
    if value is None and not column.can_be_unknown:
        raise Violation(f"slot {slot}: {column.name} is unknown")
    if value is not None and column.low is not None and not column.low <= value <= column.high:
        raise Violation(f"slot {slot}: {column.name} {value} is outside {column.low}..{column.high}")


def per(value, divisor):
    return None if value is None else value / divisor


def unzigzag(value):
    return value // 2 if value % 2 == 0 else -(value + 1) // 2


def round_half_away(value):
    # Python's own round() takes halves to even.
    return int(math.copysign(math.floor(abs(value) + 0.5), value))
