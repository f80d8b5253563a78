// Against the real server: both forms and both ways hold the same tables, and come back when it was killed.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import WebSocket from "ws";

import { Server } from "../../e2e/harness/server.js";
import { InflightClient, RequestRefused, StreamingClient } from "../dist/index.js";

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
  const [icao24] = asking.flights.keys();
  const trail = await asking.trail(icao24);
  assert.ok(trail.length > 0);
  const silent = client({ transports: ["sse"] });
  silent.connect();
  assert.ok((await silent.ping()) >= 0, "a request");
  const again = await silent.trail(icao24);
  assert.deepEqual(again.slice(0, trail.length - 1), trail.slice(0, -1), "the same over requests");
  await assert.rejects(silent.trail("xyz"), ({ field }) => field === "icao24");
  await assert.rejects(silent.replay({ action: "pause" }), /carry no messages/);
});

test("who is in a room is a table over both ways", async () => {
  const keys = await Promise.all(["ana", "bob"].map((name) => server.key(name, "coordinator")));
  const [ana, bob] = keys.map((apiKey, place) =>
    client({ apiKey, topics: ["load/L7", "presence"], transports: [["websocket"], ["sse"]][place] }),
  );
  ana.connect();
  await until(() => ana.presence.has("load/L7/ana"), "ana is there");
  const changes = [];
  ana.on("change", ({ keys }) => changes.push(...(keys.get("presence") ?? [])));
  bob.connect();
  await until(() => bob.presence.size === 2 && ana.presence.size === 2, "both see both");
  assert.deepEqual([...bob.presence.values()].map(({ room, user, connections }) => [room, user, connections]).sort(), [
    ["load/L7", "ana", 1],
    ["load/L7", "bob", 1],
  ]);
  bob.disconnect();
  await until(() => !ana.presence.has("load/L7/bob"), "bob went");
  assert.deepEqual([...new Set(changes)], ["load/L7/bob"]);
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

const SIGNAL = {
  id: "signal_123",
  source: "twitter",
  content: "Bitcoin adoption increasing",
  scores: { fused: 0.85, sentiment: 0.8, relevance: 0.9, novelty: 0.7, credibility: 0.8 },
  confidences: { fused: 0.8 },
  timestamp: "2024-01-15T10:30:00Z",
};
const NOTICE = {
  health: "healthy",
  metrics: { cpu_usage: 0.65, memory_usage: 0.72, response_time: 250 },
  alerts: [{ level: "warning", message: "High CPU usage detected", timestamp: "2024-01-15T10:30:00Z" }],
  timestamp: "2024-01-15T10:30:00Z",
};

test("events are heard once each over both ways, also those from while the server was killed", async () => {
  const own = await Server.launch({ args: SPEED });
  try {
    const apiKey = await own.key("ana", "trader", "coordinator");
    const publisher = client({ baseUrl: own.url, apiKey, topics: ["signal"] });
    publisher.connect();
    await publisher.publish("signal", { ...SIGNAL, id: "before" });
    const heard = [];
    const kinds = [["websocket"], ["sse"]].map((transports, place) => {
      const streaming = client({ baseUrl: own.url, apiKey, transports, reconnectDelay: 500 }, StreamingClient);
      heard.push([]);
      streaming.on("signal", ({ id }, { type, timestamp }) => heard[place].push([type, id, new Date(timestamp) <= new Date()]));
      streaming.on("system", ({ health }, { type }) => heard[place].push([type, health]));
      return streaming;
    });
    await until(() => kinds.every((each) => each.isConnected), "connected by themselves");
    await publisher.publish("signal", SIGNAL);
    await publisher.publish("notice", NOTICE);
    const first = [["signal", "signal_123", true], ["system", "healthy"]];
    await until(() => heard.every(({ length }) => length >= 2), "both events");
    assert.deepEqual(heard, [first, first], "and none from before");

    await own.kill();
    await own.start();
    for (const id of ["1", "2", "3"]) await publisher.publish("signal", { ...SIGNAL, id });
    await until(() => heard.every((each) => each.some(([, id]) => id === "3")), "what came meanwhile");
    const after = ["1", "2", "3"].map((id) => ["signal", id, true]);
    assert.deepEqual(heard, [[...first, ...after], [...first, ...after]]);
  } finally {
    await own.kill();
  }
});

test("who may not publish is told why, and a wrong field is named", async () => {
  const guest = client({ topics: ["signal"] });
  guest.connect();
  await assert.rejects(guest.publish("signal", SIGNAL), (error) => error instanceof RequestRefused && error.code === "not_allowed");
  const trader = client({ topics: ["load/L1"], apiKey: await server.key("tom", "trader", "coordinator") });
  trader.connect();
  await assert.rejects(trader.publish("signal", { ...SIGNAL, scores: 5 }), ({ field }) => field === "data.scores");
  const told = trader.once("entry");
  const { offset } = await trader.publish("load/L1", { weight_kg: 5 }, "load.updated");
  const [{ type, data, by }] = await told;
  assert.deepEqual([type, data, by, offset > 0], ["load.updated", { weight_kg: 5 }, "tom", true]);
});

test("a wrong key is refused and given up", async () => {
  const stranger = client({ apiKey: "inf_wrong_key" });
  const problem = stranger.once("error");
  const ended = stranger.once("disconnection");
  stranger.connect();
  assert.equal((await problem)[0].type, "access");
  assert.equal((await ended)[0].willReconnect, false);
});
