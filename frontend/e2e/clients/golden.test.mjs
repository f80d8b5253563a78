// Reads the golden bytes of fixtures/wire by the document's rules and compares them with their JSON twins.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { decode, encode } from "@msgpack/msgpack";

import { applyRows, digestOf, payloadOf, Violation } from "./packed.mjs";
import { PlainTable, StreamTable } from "./table.mjs";

/** No clock; a long row, of slot 3. */
const LONG_SLOT_3 = [0, 0xc0, 3];

const FOLDER = new URL("../../../fixtures/wire/", import.meta.url);
const bytesOf = (name) => readFileSync(new URL(`${name}.msgpack`, FOLDER));
const packed = (name) => decode(bytesOf(name));
const text = (name) => JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), "utf8"));
const names = readdirSync(FOLDER).filter((name) => name.endsWith(".json")).map((name) => name.replace(".json", ""));

/** The table after these frames, each a name in fixtures/wire or a message. */
function after(frames, form = "msgpack") {
  const table = new StreamTable(form);
  for (const frame of frames) table.take(typeof frame === "string" ? (form === "json" ? text(frame) : packed(frame)) : frame);
  return table;
}

/** The tick that takes golden cut 7 to 8, with other rows. */
function tickWith(rows, header = {}) {
  const tick = packed("tick");
  return [{ ...tick[0], ...header }, { topic: "flights", rows: Uint8Array.from(rows), removed: [] }];
}

for (const name of names.filter((name) => !["tick", "step", "leap"].includes(name))) {
  test(`${name} says the same in both forms`, () => assert.deepEqual(packed(name), text(name)));
}

test("a snapshot's packed rows are the plain snapshot's payloads", () => {
  const table = after(["snapshot"]);
  const { epoch, cut, flights } = text("flights_snapshot");
  assert.deepEqual([table.epoch, table.cut], [epoch, cut]);
  assert.deepEqual(Object.values(table.payloads()), flights);
});

test("a snapshot's packed row holds the columns and the motion that the document names", () => {
  const [[slot, { address, values, motion }]] = after(["snapshot"]).slots;
  assert.deepEqual([slot, address], [3, 0xacddf8]);
  assert.deepEqual(values, [40641100, -73777300, 1679015033000, 1679015034000, 304800, 312420, 12345, 6188, -325, "EDV4819", 0o1014, 0, 0, null, 1, null, "CRJ9", "N228PQ"]);
  assert.deepEqual(motion, { at: 1679015033000, numbers: [406411012, -737772988, 304800, 12345, 6188, -325, 512, -20], samples: 7 });
});

test("a tick's packed rows, applied, are the JSON tick's payloads", () => {
  const [header, segment] = text("tick");
  const table = after(["snapshot", "tick"]);
  assert.equal(table.cut, header.cut);
  assert.deepEqual(Object.values(table.payloads()), segment.updated);
});

test("a JSON tick, applied, leaves the table of the plain delta", () => {
  const table = new PlainTable();
  for (const name of ["flights_snapshot", "flights_delta"]) table.take(packed(name));
  const json = new StreamTable("json");
  const start = packed("snapshot");
  json.take([start[0], { topic: "flights", updated: text("flights_snapshot").flights, removed: [] }, start[2]]);
  json.take(text("tick"));
  assert.deepEqual(json.payloads(), table.payloads());
  assert.deepEqual(json.payloads(), after(["snapshot", "tick"]).payloads());
});

test("the digest of the table is the golden one, and a heartbeat keeps the cut", () => {
  const table = after(["snapshot", "tick", "digest", "heartbeat"]);
  assert.equal(table.digest(), text("digest")[0].flights);
  assert.deepEqual([table.cut, table.digestsVerified], [8, 1]);
});

test("a resume's absolute rows read the same over any row that holds the address", () => {
  const [header, flights] = packed("resume");
  for (const frames of [["snapshot"], ["snapshot", "tick"]]) {
    const table = after(frames);
    table.cut = header.base;
    table.take(packed("resume"));
    const { values, motion } = table.slots.get(3);
    assert.deepEqual(values.slice(0, 4), after(["snapshot", "tick"]).slots.get(3).values.slice(0, 4));
    assert.equal(motion.at, 1679015033000);
    assert.equal(table.cut, header.cut);
  }
  assert.equal(flights.removed, undefined);
});

test("a resume changes the system table and removes from it", () => {
  const table = after(["snapshot"]);
  table.system.set("source/replay", { kind: "source", name: "replay" });
  table.cut = packed("resume")[0].base;
  table.take(packed("resume"));
  assert.deepEqual([...table.system.keys()].sort(), ["drops/not_json", "source/opensky"]);
  assert.equal(table.system.get("drops/not_json").count, 2);
});

test("an empty table has the digest zero", () => assert.equal(digestOf([]), "0000000000000000"));

test("short rows, near where the way leads and far from it, are the payloads of their twins", () => {
  for (const [frames, name] of [[["snapshot", "tick", "step"], "step"], [["snapshot", "tick", "step", "leap"], "leap"]]) {
    assert.deepEqual(Object.values(after(frames).payloads()), text(name)[1].updated);
  }
});

test("codes step as the document says", () => {
  // Vertical rate is bit 8: a mask of 0x100 in a difference, 0x40100 with ABSOLUTE; slot 3 holds -325 = -10 on the grid of 32.512.
  for (const [row, expected] of [
    [[0x80, 0x02, 5], -293], // grid step +1: -9 * 32.512
    [[0x80, 0x02, 6], -324], // raw step +1
    [[0x80, 0x02, 4], -326], // raw step -1
    [[0x80, 0x02, 0], null],
    [[0x80, 0x82, 0x10, 5], 33], // absolute: the base is 0
    [[0x80, 0x82, 0x10, 6], 1],
  ]) {
    const { slots } = after(["snapshot"]);
    applyRows(slots, Uint8Array.from([...LONG_SLOT_3, ...row]));
    assert.equal(slots.get(3).values[8], expected, JSON.stringify(row));
  }
});

test("numbers beyond 32 bits stay whole", () => {
  const { slots } = after(["snapshot"]);
  // last_contact (bit 3), absolute, raw step 4102444800000: code 2 + 2 * 2 * step.
  const code = 4 * 4102444800000 + 2;
  applyRows(slots, Uint8Array.from([...LONG_SLOT_3, 0x88, 0x80, 0x10, ...leb128(code)]));
  assert.equal(slots.get(3).values[3], 4102444800000);
  assert.equal(payloadOf(slots.get(3)).last_contact_unix, 4102444800);
});

test("what the protocol forbids is refused", () => {
  for (const [frames, expected] of [
    [["snapshot", tickWith([], { base: 6 })], /wrong base/],
    [["snapshot", tickWith([], { epoch: 1 })], /wrong base/],
    [["tick"], /wrong base/],
    [["snapshot", tickWith([...LONG_SLOT_3, 0x80, 0x01, 5], { cut: 7 })], /changes rows but stays at cut 7/],
    [["snapshot", tickWith([], { cut: 6 })], /leads back/],
    [["snapshot", tickWith([...LONG_SLOT_3, 0x01, 0])], /latitude is unknown/],
    [["snapshot", tickWith([0, 0xc0, 4, 0x40, 5])], /slot 4 changes but holds no aircraft/],
    [["snapshot", tickWith([...LONG_SLOT_3, 0x01])], /middle of a row/],
    [["snapshot", tickWith([...LONG_SLOT_3, 0x80, 0x80, 0x20])], /without ABSOLUTE/],
    [["snapshot", tickWith([...LONG_SLOT_3, 0x80, 0x80, 0x80, 0x01])], /unknown bits/],
    [["snapshot", tickWith([...LONG_SLOT_3, 0x80, 0x10, 0x81, 0x01])], /flags 64 is outside/],
    [["snapshot", tickWith([...LONG_SLOT_3, 0x80, 0x04, 9])], /text of 9/],
    [["snapshot", tickWith([0, 0x40, 3, 0])], /without a clock/],
    [["snapshot", tickWith([0xe9, 0x07, 0])], /clock of 0/],
    [["snapshot", tickWith([1, 0, 0x60, 3, 0, 0xff, 0xff])], /no pair of steps/],
    [["snapshot", "tick", [{ ...packed("digest")[0], flights: "0000000000000001" }]], /digest mismatch at cut 8/],
    [[[{ ...packed("snapshot")[0], part: 1, parts: 2 }]], /snapshot part 1 of 2/],
    [[[{ ...packed("snapshot")[0], parts: 2 }], tickWith([])], /between the parts/],
  ]) {
    assert.throws(() => after(frames), (error) => error instanceof Violation && expected.test(error.message), String(expected));
  }
});

test("a snapshot in parts places the client after the last", () => {
  const [header, flights, system] = packed("snapshot");
  const table = after([[{ ...header, parts: 2 }, flights]]);
  assert.equal(table.isPlaced, false);
  table.take([{ ...header, part: 1, parts: 2 }, system]);
  assert.deepEqual([table.isPlaced, table.cut, table.digest()], [true, 7, after(["snapshot"]).digest()]);
});

test("an empty answer to a resume keeps the cut", () => {
  assert.equal(after(["snapshot", tickWith([], { cut: 7 })]).cut, 7);
});

test("unknown types, topics and fields of the server are no error", () => {
  const table = after(["snapshot", [{ type: "weather", epoch: 1 }], [{ ...packed("tick")[0], mood: "calm" }, { topic: "loads", rows: [] }]]);
  assert.equal(table.cut, 8);
});

test("client messages encode as their golden maps", () => {
  for (const name of names.filter((name) => name.startsWith("client_"))) {
    assert.deepEqual(decode(encode(text(name))), packed(name), name);
  }
});

function leb128(number) {
  const bytes = [];
  for (let rest = BigInt(number); ; rest >>= 7n) {
    if (rest < 128n) return [...bytes, Number(rest)];
    bytes.push(Number(rest & 127n) | 128);
  }
}
