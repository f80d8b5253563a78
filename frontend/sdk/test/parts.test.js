// The parts that need no server.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { decode } from "@msgpack/msgpack";

import { addressesOf } from "../dist/addresses.js";
import { backoffMs } from "../dist/backoff.js";
import { Emitter } from "../dist/emitter.js";
import { Heard } from "../dist/entries.js";
import { EventParser } from "../dist/events.js";
import { InflightClient } from "../dist/inflight_client.js";
import { NotSent, Queue } from "../dist/queue.js";
import { Tables } from "../dist/tables.js";
import { LostStep } from "../dist/wire.js";

const FOLDER = new URL("../../../fixtures/wire/", import.meta.url);
const packed = (name) => decode(readFileSync(new URL(`${name}.msgpack`, FOLDER)));
const text = (name) => JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), "utf8"));
const entry = (offset, topic = "signal") => ({ offset, topic, at: 1, type: topic, data: {} });

/** Tables after these golden frames. */
function after(names, form = "msgpack") {
  const tables = new Tables();
  tables.read(form);
  for (const name of names) tables.apply(typeof name === "string" ? packed(name) : name);
  return tables;
}

test("the golden frames give the golden tables and digest", () => {
  const tables = after(["snapshot"]);
  const { epoch, cut, flights } = text("flights_snapshot");
  assert.deepEqual(tables.position, { epoch, cut });
  assert.deepEqual([...tables.flights.values()], flights);
  const { changed } = tables.apply(packed("tick"));
  const [, { updated }] = text("tick");
  assert.deepEqual([...tables.flights.values()], updated);
  assert.deepEqual([...changed.get("flights")], updated.map(({ icao24 }) => icao24));
  tables.apply(packed("digest"));
  tables.apply(packed("heartbeat"));
  assert.equal(tables.proofs, 1);
});

test("the short rows of the golden step and leap read as their texts say", () => {
  const tables = after(["snapshot", "tick"]);
  for (const name of ["step", "leap"]) {
    const [{ cut }, { updated }] = text(name);
    tables.apply(packed(name));
    assert.equal(tables.position.cut, cut);
    assert.deepEqual([...tables.flights.values()], updated, name);
  }
});

test("a frame that does not follow is no change", () => {
  const tables = after(["snapshot"]);
  const [header, ...segments] = packed("tick");
  assert.throws(() => tables.apply([{ ...header, base: header.base + 1 }, ...segments]), (error) => error instanceof LostStep && !error.fromScratch);
  const digest = [{ type: "digest", ...tables.position, flights: "0000000000000000" }];
  assert.throws(() => tables.apply(digest), (error) => error instanceof LostStep && error.fromScratch);
  assert.throws(() => after([]).apply(packed("tick")), LostStep);
  const late = { ...packed("snapshot")[0], part: 1, parts: 2 };
  assert.throws(() => after(["snapshot"]).apply([late]), LostStep);
});

test("another form starts anew, and rows stay until it comes", () => {
  const tables = after(["snapshot"]);
  tables.read("json");
  assert.equal(tables.position, null);
  assert.equal(tables.flights.size, 1);
});

test("events are read from pieces of any size", () => {
  const stream = 'retry: 900\r\nid: 7:1\r\nevent: tick\r\ndata: {"a":\r\ndata: 1}\r\n\r\n: nothing\n\ndata:x\n\nid: 7:2\rdata: y\r\r\n';
  const expected = [
    { name: "tick", data: '{"a":\n1}', id: "7:1" },
    { name: "message", data: "x", id: "7:1" },
    { name: "message", data: "y", id: "7:2" },
  ];
  for (const size of [1, 2, 3, 7, 1000]) {
    const parser = new EventParser();
    const events = [];
    for (let at = 0; at < stream.length; at += size) events.push(...parser.push(stream.slice(at, at + size)));
    assert.deepEqual(events, expected, `pieces of ${size}`);
    assert.equal(parser.retryMs, 900);
  }
});

test("each entry is told once, and old ones only to who wants them", () => {
  for (const [hasHistory, expected] of [[true, [1, 2, 3, 5, 6, 7]], [false, [3, 6, 7]]]) {
    const heard = new Heard(hasHistory);
    const held = new Set(["signal"]);
    const told = [
      ...heard.take([entry(1), entry(2)], true, new Set()),
      ...heard.take([entry(3)], false, held),
      ...heard.take([entry(2), entry(3), entry(5, "risk"), entry(6)], true, held),
      ...heard.take([entry(7)], false, held),
    ];
    assert.deepEqual(told.map(({ offset }) => offset), expected);
    assert.deepEqual(heard.take([entry(1)], true, held), [], "another journal");
    assert.equal(heard.take([entry(1), entry(2)], true, held).length, 1);
  }
});

test("what came before a snapshot comes once, also where the connection broke before it was whole", () => {
  const heard = new Heard(true);
  const offsets = (entries) => entries.map(({ offset }) => offset);
  assert.deepEqual(offsets(heard.again([entry(1), entry(2)])), [1, 2]);
  assert.deepEqual(offsets(heard.again([entry(1), entry(2), entry(3)])), [3]);
  heard.settled();
  assert.deepEqual(offsets(heard.again([entry(1)])), [1], "another journal");
});

test("waits are at random below a bound that doubles to half a minute", () => {
  assert.deepEqual([0, 1, 2, 6, 7, 1000].map((attempt) => backoffMs(attempt, 250, 1)), [250, 500, 1000, 16_000, 30_000, 30_000]);
  assert.equal(backoffMs(5, 250, 0), 0);
});

test("addresses are read as people write them", () => {
  const places = ["http://h:3000", "ws://h:3000/", "ws://h:3000/stream/ws"].map((url) => addressesOf(url));
  for (const place of places) assert.deepEqual(place, { socket: "ws://h:3000/stream/ws", events: "http://h:3000/stream/sse", http: "http://h:3000" });
  const behind = addressesOf("wss://api.example/v1", "https://other.example/sse");
  assert.deepEqual(behind, { socket: "wss://api.example/v1/stream/ws", events: "https://other.example/sse", http: "https://api.example/v1" });
  assert.throws(() => addressesOf("ftp://h"), TypeError);
});

test("a queue is bounded, keeps the order and can be given up", async () => {
  const queue = new Queue(2);
  const done = [];
  const asked = [1, 2].map((number) => queue.add(async () => done.push(number)));
  await assert.rejects(queue.add(async () => {}), NotSent);
  queue.flush();
  await Promise.all(asked);
  assert.deepEqual([done, queue.length], [[1, 2], 0]);
  const lost = queue.add(async () => {});
  queue.clear("gone");
  await assert.rejects(lost, /gone/);
});

test("handlers come and go", async () => {
  class Bell extends Emitter {
    ring(times) {
      this.emit("ring", times);
    }
  }
  const bell = new Bell();
  const heard = [];
  const handler = (times) => heard.push(times);
  bell.on("ring", handler).on("ring", handler);
  const once = bell.once("ring");
  bell.ring(1);
  bell.off("ring", handler).ring(2);
  bell.on("ring", handler).off("ring").ring(3);
  assert.deepEqual([heard, await once], [[1], [1]]);
});

test("a server that greets and closes is asked again later and later", async () => {
  class Closing {
    constructor() {
      queueMicrotask(() => {
        this.onmessage({ data: JSON.stringify([{ type: "hello" }]) });
        this.onclose({ code: 4029, reason: "rate_limited" });
      });
    }

    send() {}

    close() {}
  }
  const client = new InflightClient({
    baseUrl: "http://127.0.0.1:9", form: "json", webSocket: Closing, reconnectDelay: 1, random: () => 1, maxReconnectAttempts: 5,
  });
  const waits = [];
  client.on("disconnection", ({ retryInMs }) => waits.push(retryInMs));
  client.connect();
  while (waits.length < 6) await client.once("disconnection");
  assert.deepEqual(waits, [1, 2, 4, 8, 16, null]);
});
