"""Reads the golden bytes of fixtures/wire by the document's rules: python -m unittest golden_test (in this folder)."""

import json
import pathlib
import unittest

import msgpack

from table import PlainTable, RowReader, StreamTable, Violation

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
            if path.stem != "tick":
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

    def test_codes_step_as_the_document_says(self):
        for row, expected in [
            ([3, 0x80, 0x02, 4], -293),
            ([3, 0x80, 0x02, 9], -324),
            ([3, 0x80, 0x02, 5], -326),
            ([3, 0x80, 0x02, 3], None),
            ([3, 0x80, 0x82, 0x10, 4], 33),
            ([3, 0x80, 0x82, 0x10, 9], 1),
        ]:
            slots = after("snapshot").slots
            RowReader(bytes(row)).apply(slots)
            self.assertEqual(slots[3].values[8], expected, row)

    def test_what_the_protocol_forbids_is_refused(self):
        header = packed("snapshot")[0]
        for frames, expected in [
            (["tick"], "wrong base"),
            (["snapshot", tick_with([3, 0x01, 7])], "unknown code 7 for latitude"),
            (["snapshot", tick_with([3, 0x01, 3])], "latitude is unknown"),
            (["snapshot", tick_with([4, 0x40, 4])], "slot 4 changes but holds no aircraft"),
            (["snapshot", tick_with([3, 0x01])], "middle of a row"),
            (["snapshot", tick_with([3, 0x80, 0x80, 0x20])], "without ABSOLUTE"),
            (["snapshot", tick_with([3, 0x80, 0x10, 0x80, 0x02])], "flags 64 is outside"),
            (["snapshot", "tick", [{**packed("digest")[0], "flights": "0" * 16}]], "digest mismatch at cut 8"),
            ([[{**header, "part": 1, "parts": 2}]], "snapshot part 1 of 2"),
        ]:
            with self.assertRaisesRegex(Violation, expected):
                after(*frames)


if __name__ == "__main__":
    unittest.main()
