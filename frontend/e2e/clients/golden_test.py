"""Reads the golden bytes of fixtures/wire by the document's rules: python -m unittest golden_test (in this folder)."""

import json
import pathlib
import unittest

import msgpack

from table import PlainTable, RowReader, StreamTable, Violation

# No clock; a long row, of slot 3.
LONG_SLOT_3 = [0, 0xC0, 3]

FOLDER = pathlib.Path(__file__).resolve().parents[3] / "fixtures" / "wire"


def packed(name):
    return msgpack.unpackb((FOLDER / f"{name}.msgpack").read_bytes())


def text(name):
    return json.loads((FOLDER / f"{name}.json").read_text())


def after(*frames):
    table = StreamTable("msgpack")
    for frame in frames:
        table.take(packed(frame) if isinstance(frame, str) else frame)
    return table


def tick_with(rows):
    return [packed("tick")[0], {"topic": "flights", "rows": bytes(rows), "removed": []}]


class Golden(unittest.TestCase):
    def test_both_forms_say_the_same(self):
        for path in FOLDER.glob("*.json"):
            if path.stem not in ("tick", "step", "leap"):
                self.assertEqual(packed(path.stem), text(path.stem), path.stem)

    def test_packed_rows_are_the_payloads_of_their_twins(self):
        self.assertEqual(list(after("snapshot").payloads().values()), text("flights_snapshot")["flights"])
        self.assertEqual(list(after("snapshot", "tick").payloads().values()), text("tick")[1]["updated"])

    def test_the_plain_feed_ends_at_the_same_table(self):
        table = PlainTable()
        for name in ("flights_snapshot", "flights_delta"):
            table.take(packed(name))
        self.assertEqual(table.payloads(), after("snapshot", "tick").payloads())

    def test_the_digest_is_the_golden_one(self):
        table = after("snapshot", "tick", "digest", "heartbeat")
        self.assertEqual((table.digest(), table.digests_verified), (text("digest")[0]["flights"], 1))
        self.assertEqual(StreamTable("msgpack").digest(), "0" * 16)

    def test_a_resume_reads_over_the_tick_it_repeats(self):
        table = after("snapshot", "tick")
        before = list(table.slots[3].values)
        table.cut = packed("resume")[0]["base"]
        table.take(packed("resume"))
        self.assertEqual((table.slots[3].values, table.cut), (before, 8))
        self.assertEqual(table.slots[3].motion[0], 1679015033000)

    def test_short_rows_are_the_payloads_of_their_twins(self):
        self.assertEqual(list(after("snapshot", "tick", "step").payloads().values()), text("step")[1]["updated"])
        self.assertEqual(list(after("snapshot", "tick", "step", "leap").payloads().values()), text("leap")[1]["updated"])

    def test_codes_step_as_the_document_says(self):
        for row, expected in [
            ([0x80, 0x02, 5], -293),
            ([0x80, 0x02, 6], -324),
            ([0x80, 0x02, 4], -326),
            ([0x80, 0x02, 0], None),
            ([0x80, 0x82, 0x10, 5], 33),
            ([0x80, 0x82, 0x10, 6], 1),
        ]:
            slots = after("snapshot").slots
            RowReader(bytes([*LONG_SLOT_3, *row])).apply(slots)
            self.assertEqual(slots[3].values[8], expected, row)

    def test_what_the_protocol_forbids_is_refused(self):
        header = packed("snapshot")[0]
        for frames, expected in [
            (["tick"], "wrong base"),
            (["snapshot", tick_with([*LONG_SLOT_3, 0x01, 0])], "latitude is unknown"),
            (["snapshot", tick_with([0, 0xC0, 4, 0x40, 5])], "slot 4 changes but holds no aircraft"),
            (["snapshot", tick_with([*LONG_SLOT_3, 0x01])], "middle of a row"),
            (["snapshot", tick_with([*LONG_SLOT_3, 0x80, 0x80, 0x20])], "without ABSOLUTE"),
            (["snapshot", tick_with([*LONG_SLOT_3, 0x80, 0x10, 0x81, 0x01])], "flags 64 is outside"),
            (["snapshot", tick_with([0, 0x40, 3, 0])], "without a clock"),
            (["snapshot", "tick", [{**packed("digest")[0], "flights": "0" * 16}]], "digest mismatch at cut 8"),
            ([[{**header, "part": 1, "parts": 2}]], "snapshot part 1 of 2"),
        ]:
            with self.assertRaisesRegex(Violation, expected):
                after(*frames)


if __name__ == "__main__":
    unittest.main()
