// A client of inflight.v1 that believes nothing: it rebuilds the table, checks every frame and prints what it holds.
// Written from app/wire/PROTOCOL.md alone; client.py is its twin in another language.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { inflateRawSync } from "node:zlib";

import { decode, encode } from "@msgpack/msgpack";
import WebSocket from "ws";

import { Violation } from "./packed.mjs";
import { PlainTable, StreamTable } from "./table.mjs";

const DICTIONARY = readFileSync(new URL("../../../fixtures/wire/dictionary.bin", import.meta.url));
const SILENCE_S = 40;
const CHECK_MS = 20;
const USAGE = `node client.mjs URL [--json] [--deflate] [--plain] [--ticks N] [--digest] [--seconds S] [--settle S] [--drop N] [--away S] [--timeout S]
  URL          where the server is, such as http://127.0.0.1:3000
  --json       text instead of MessagePack
  --deflate    each message of the server deflated by itself
  --plain      /ws/flights instead of /stream/ws
  --ticks N    stay until N ticks (deltas) have come that lead to another cut
  --digest     stay until a digest was checked after those
  --seconds S  stay at least so long
  --settle S   stay until the cut has stood still for so long; says ready on stderr when all else is met
  --drop N     break the connection after N ticks and come back with resume
  --away S     stay away so long after a break (0.5)
  --timeout S  give up after so long (60)`;

/** What `run` may be told; the same as the flags. */
export const DEFAULTS = { json: false, deflate: false, plain: false, ticks: 0, digest: false, seconds: 0, settle: 0, drop: null, away: 0.5, timeout: 60 };

/** Runs one client to its end and answers what it holds; rejects upon the first violation. */
export function run(url, options) {
  return new Promise((resolve, reject) => new Client(url, { ...DEFAULTS, ...options }, resolve, reject).connect());
}

/** The address of a route on the server at `url`. */
export function routeOf(url, { plain, json }) {
  const base = url.replace(/^http/, "ws").replace(/\/+$/, "");
  return plain ? `${base}/ws/flights?format=${json ? "json" : "msgpack"}` : `${base}/stream/ws`;
}

class Client {
  constructor(url, options, resolve, reject) {
    Object.assign(this, { url, options, resolve, reject });
    this.form = options.json ? "json" : "msgpack";
    this.table = options.plain ? new PlainTable() : new StreamTable(this.form);
    this.startedMs = this.movedMs = this.heardMs = performance.now();
    this.ticks = 0;
    this.digests = 0;
    this.comesBack = options.drop !== null;
    this.resumed = null;
    this.ping = null;
    this.isReady = false;
    this.timer = setInterval(() => this.guard(() => this.watch()), CHECK_MS);
  }

  connect() {
    const protocols = this.options.plain ? [] : [`inflight.v1.${this.form}${this.options.deflate ? ".deflate" : ""}`];
    const socket = new WebSocket(routeOf(this.url, this.options), protocols);
    this.socket = socket;
    this.isGreeted = false;
    this.heardMs = performance.now();
    socket.on("open", () => this.guard(() => this.checkProtocol(protocols)));
    socket.on("message", (data, isBinary) => {
      if (socket === this.socket) this.guard(() => this.hear(data, isBinary));
    });
    socket.on("error", (error) => socket === this.socket && this.end(error));
    socket.on("close", (code, reason) => {
      if (socket === this.socket) this.end(new Violation(`the server closed with ${code} ${reason}`));
    });
  }

  checkProtocol([wanted = ""]) {
    if (this.socket.protocol !== wanted) throw new Violation(`the server chose ${this.socket.protocol}, asked for ${wanted}`);
  }

  hear(data, isBinary) {
    this.heardMs = performance.now();
    if (isBinary === this.options.json) throw new Violation(`a ${isBinary ? "binary" : "text"} message in the form ${this.form}`);
    const message = isBinary ? decode(this.options.deflate ? inflateRawSync(data, { dictionary: DICTIONARY }) : data) : JSON.parse(data.toString());
    if (!this.options.plain && this.hearControl(message[0])) return;
    const before = this.table.cut;
    const type = this.table.take(message);
    if (this.resumed === "asked" && (type === "tick" || type === "snapshot")) this.resumed = type;
    if (type === "digest" && this.table.said.cut === this.table.cut) this.digests += 1;
    if (this.table.cut !== before) this.movedMs = this.heardMs;
    if ((type === "tick" || type === "delta") && this.table.cut !== before) this.step();
    this.finishIfDone();
  }

  /** Frames that are no part of the table; answers whether this was one. */
  hearControl(header) {
    if (!this.isGreeted && header.type !== "hello") throw new Violation(`the first message is ${header.type}, expected hello`);
    if (header.type === "hello") this.greet(header);
    else if (header.type === "error") throw new Violation(`error ${header.code}: ${header.message}`);
    else if (header.type === "bye") throw new Violation(`the server goes away: ${header.reason}`);
    else if (header.type === "pong" && header.id !== this.ping) throw new Violation(`pong ${header.id}, expected ${this.ping}`);
    else return header.type === "pong";
    return true;
  }

  greet(hello) {
    if (this.isGreeted) throw new Violation("a second hello");
    if (hello.protocol !== "inflight.v1") throw new Violation(`the server speaks ${hello.protocol}`);
    for (const topic of ["flights", "system"]) {
      if (!hello.topics.includes(topic)) throw new Violation(`the server does not offer ${topic}`);
    }
    this.isGreeted = true;
    const subscribe = { type: "subscribe", topics: ["flights", "system"] };
    if (this.table.isPlaced) {
      subscribe.resume = { epoch: this.table.epoch, cut: this.table.cut };
      this.resumed = "asked";
    }
    this.send(subscribe);
    this.ping = (this.ping ?? 0) + 1;
    this.send({ type: "ping", id: this.ping });
  }

  step() {
    this.ticks += 1;
    if (this.options.drop === null || this.ticks !== this.options.drop) return;
    const lost = this.socket;
    this.socket = null;
    lost.terminate();
    // The plain feed cannot resume: it starts again with a snapshot.
    if (this.options.plain) this.table = new PlainTable();
    setTimeout(() => {
      this.comesBack = false;
      this.connect();
    }, this.options.away * 1000);
  }

  send(message) {
    this.socket.send(this.options.json ? JSON.stringify(message) : encode(message));
  }

  watch() {
    const now = performance.now();
    if (now - this.startedMs > this.options.timeout * 1000) throw new Error(`not done after ${this.options.timeout} s: ${this.state()}`);
    // The plain feed promises no sign of life.
    if (this.socket && !this.options.plain && now - this.heardMs > SILENCE_S * 1000) throw new Violation(`nothing was heard for ${SILENCE_S} s`);
    this.finishIfDone();
  }

  finishIfDone() {
    const { ticks, seconds, settle, digest } = this.options;
    const now = performance.now();
    const isReady =
      this.table.isPlaced && !this.comesBack && this.resumed !== "asked" && this.ticks >= ticks &&
      (!digest || (this.digests > 0 && this.table.said.cut === this.table.cut)) && now - this.startedMs >= seconds * 1000;
    if (isReady && settle > 0 && !this.isReady) console.error("ready");
    this.isReady ||= isReady;
    if (isReady && now - this.movedMs >= settle * 1000) this.end(null);
  }

  state() {
    return `at ${this.table.epoch}:${this.table.cut}, ${this.ticks} ticks, ${this.digests} digests, resumed ${this.resumed}`;
  }

  result() {
    const { table } = this;
    const flights = table.payloads();
    return {
      epoch: table.epoch, cut: table.cut, count: Object.keys(flights).length, digest: table.digest(), flights,
      flights_cut: table.flightsCut, ticks: this.ticks, resumed: this.resumed, digests_verified: table.digestsVerified ?? 0, said: table.said ?? null,
    };
  }

  guard(work) {
    try {
      work();
    } catch (error) {
      this.end(error);
    }
  }

  end(error) {
    clearInterval(this.timer);
    const { socket } = this;
    this.socket = null;
    if (socket?.readyState === WebSocket.OPEN) socket.close(1000);
    else socket?.terminate();
    if (error) this.reject(error);
    else this.resolve(this.result());
  }
}

async function main() {
  const number = { type: "string" };
  const flag = { type: "boolean" };
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: flag, deflate: flag, plain: flag, digest: flag, ticks: number, seconds: number, settle: number, drop: number, away: number, timeout: number },
  });
  if (positionals.length !== 1) throw new Error(USAGE);
  const options = Object.entries(values).map(([name, value]) => [name, typeof value === "string" ? Number(value) : value]);
  console.log(JSON.stringify(await run(positionals[0], Object.fromEntries(options))));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  main().catch((error) => {
    console.error(`${error instanceof Violation ? "violation" : "failed"}: ${error.message}`);
    process.exitCode = 1;
  });
}
