// Against the real server: both forms and both ways hold the same tables, and come back when it was killed.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import WebSocket from "ws";

import { Server } from "../../e2e/harness/server.js";
import { InflightClient, StreamingClient } from "../dist/index.js";

const PATIENCE_MS = 20_000;
const SPEED = ["--speed", "20"];
const clients = [];
let server;

before(async () => {
  server = await Server.launch({ args: SPEED });
});

after(async () => {
  for (const client of clients) client.disconnect();
  await server.stop();
});

/** A client that is taken down in the end. */
function client(options, Kind = InflightClient) {
  const made = new Kind({ baseUrl: server.url, webSocket: WebSocket, reconnectDelay: 20, ...options });
  clients.push(made);
  return made;
}

/** Waits until it holds; nothing here takes this long unless it is broken. */
async function until(holds, what) {
  const endsAt = Date.now() + PATIENCE_MS;
  while (!holds()) {
    if (Date.now() > endsAt) throw new Error(`not within ${PATIENCE_MS / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A socket that no network lets through. */
class Blocked {
  constructor() {
    queueMicrotask(() => this.onclose({ code: 1006, reason: "" }));
  }

  close() {}
}

test("both forms and both ways hold the same tables, proven by digests", async () => {
  const topics = ["flights", "disruptions"];
  const kinds = [
    client({ topics }),
    client({ topics, form: "json" }),
    client({ topics, webSocket: Blocked }),
    client({ topics, transports: ["sse"] }),
  ];
  for (const each of kinds) each.connect();
  await until(() => kinds.every((each) => each.getStatus().position), "all have a snapshot");
  assert.deepEqual(kinds.map((each) => each.getStatus().transport), ["websocket", "websocket", "sse", "sse"]);
  await kinds[0].replay({ action: "pause" });
  await until(() => new Set(kinds.map((each) => JSON.stringify(each.getStatus().position))).size === 1, "all are at one cut");
  const [first, ...others] = kinds.map((each) => Object.fromEntries([...each.flights].sort()));
  assert.ok(Object.keys(first).length > 50);
  for (const other of others) assert.deepEqual(other, first);
  await until(() => kinds[0].getStatus().proofs > 0, "a digest");
  await kinds[0].replay({ action: "play" });
});

test("questions are answered, and refusals say why", async () => {
  const asking = client({ form: "json" });
  asking.connect();
  const took = asking.ping();
  assert.equal(asking.getStatus().queued, 1, "it waits for the connection");
  assert.ok((await took) >= 0);
  await assert.rejects(asking.replay({ action: "speed", value: 1e9 }), /bad_value/);
  await assert.rejects(asking.trail("xyz"), /icao24/);
  await until(() => asking.flights.size > 0, "aircraft");
  assert.ok(Array.isArray(await asking.trail([...asking.flights.keys()][0])));
  const silent = client({ transports: ["sse"] });
  silent.connect();
  await assert.rejects(silent.ping(), /carry no messages/);
});

test("topics come and go on a connection", async () => {
  for (const transports of [["websocket"], ["sse"]]) {
    const choosing = client({ topics: ["flights"], transports, form: "json" });
    choosing.connect();
    await until(() => choosing.flights.size > 0, "aircraft");
    choosing.subscribe(["system"]);
    await until(() => choosing.system.has("source/replay"), "the row of the source");
    choosing.unsubscribe(["flights"]);
    await until(() => choosing.getStatus().isConnected, "still connected");
    assert.deepEqual(choosing.topics, ["system"]);
    choosing.disconnect();
  }
});

test("a connection that breaks goes on where it was", async () => {
  const sockets = [];
  class Watched extends WebSocket {
    constructor(...args) {
      super(...args);
      sockets.push(this);
    }
  }
  const broken = client({ webSocket: Watched });
  const told = [];
  broken.on("connection", (connection) => told.push(connection));
  broken.on("disconnection", ({ code, willReconnect }) => told.push({ code, willReconnect }));
  broken.connect();
  await until(() => broken.getStatus().position, "a snapshot");
  const kinds = [];
  broken.on("debug", ({ message }) => kinds.push(message));
  sockets[0].terminate();
  await until(() => kinds.includes("heard tick") && told.length === 3, "a tick on the second connection");
  assert.ok(!kinds.includes("heard snapshot"), "only what changed came");
  assert.deepEqual(told, [
    { reconnected: false, transport: "websocket" },
    { code: 1006, willReconnect: true },
    { reconnected: true, transport: "websocket" },
  ]);
});

test("a killed server is come back to, over both ways; a polite one says when", async () => {
  const own = await Server.launch({ args: SPEED });
  try {
    const kinds = [client({ baseUrl: own.url }), client({ baseUrl: own.url, transports: ["sse"] })];
    for (const each of kinds) each.connect();
    await until(() => kinds.every((each) => each.getStatus().position), "snapshots");
    const epochs = kinds.map((each) => each.getStatus().position.epoch);
    const problems = [];
    kinds[0].on("error", ({ type }) => problems.push(type));
    await own.kill();
    await until(() => kinds.every((each) => !each.isConnected) && problems.length > 1, "both noticed");
    assert.ok(kinds[0].flights.size > 50, "what was known stays");
    assert.deepEqual([...new Set(problems)].sort(), ["sse", "websocket"]);
    await own.start();
    await until(() => kinds.every((each, index) => each.getStatus().position?.epoch > epochs[index]), "both are back");

    const byes = kinds.map((each) => each.once("disconnection"));
    await own.stop();
    for (const [{ retryInMs }] of await Promise.all(byes)) assert.ok(retryInMs >= 500 && retryInMs < 3500, `${retryInMs}`);
  } finally {
    await own.kill();
  }
});

test("attempts can be bounded, and what waits then is given up", async () => {
  const lost = client({ baseUrl: "http://127.0.0.1:9", maxReconnectAttempts: 2, queueLimit: 1 });
  const ended = lost.once("disconnection");
  lost.connect();
  const asked = lost.ping();
  const problem = lost.once("error");
  await assert.rejects(lost.ping(), /not sent/);
  assert.equal((await problem)[0].type, "queue");
  await assert.rejects(asked, /given up/);
  const [{ willReconnect }] = await ended;
  assert.deepEqual([willReconnect, lost.getStatus().state], [false, "idle"]);
});

test("the client of specification 002 keeps its subscriptions and tells how it stands", async () => {
  const streaming = client({ userId: "user-123", subscriptions: ["signal"], autoConnect: false }, StreamingClient);
  assert.equal(streaming.isConnected, false);
  streaming.subscribe(["risk"]);
  streaming.unsubscribe(["signal"]);
  assert.deepEqual(streaming.subscriptions, ["risk"]);
  assert.deepEqual([streaming.getStatus().userId, streaming.getStatus().state], ["user-123", "idle"]);
  assert.throws(() => streaming.subscribe(["weather"]), /weather/);
});
