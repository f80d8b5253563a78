// Starts and stops what the tests look at: the real server, and a static host for the demo.

import { execFileSync, spawn } from "node:child_process";
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, normalize, resolve } from "node:path";
import { brotliCompressSync } from "node:zlib";

const ROOT = resolve(import.meta.dirname, "../../..");
const BINARY = process.env.INFLIGHT_BIN ?? join(ROOT, "target/debug/inflight");
const SITE = process.env.INFLIGHT_SITE ?? join(ROOT, "target/site");
const DEMO = process.env.INFLIGHT_DEMO ?? join(ROOT, "dist");
const READY_TIMEOUT_MS = 60_000;

/** How the program says that its port is somebody else's. */
const PORT_TAKEN = 4;

const TYPES = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

/**
 * The product's server on a port that it takes itself. `kill` ends it at once, `stop` politely; `start` brings it back
 * on the same port, as after a crash.
 */
export class Server {
  constructor(args, environment) {
    this.port = 0;
    this.args = args;
    this.environment = environment;
    this.folder = mkdtempSync(join(tmpdir(), "inflight-data-"));
  }

  /** Starts a server with these arguments for `inflight serve` and waits until it is ready. */
  static async launch({ args = [], environment = {} } = {}) {
    const server = new Server(args, environment);
    await server.start();
    return server;
  }

  /** What it keeps on the disk, out of the way of other servers. */
  get folders() {
    return { HISTORY_DIR: join(this.folder, "history"), DATA_DIR: join(this.folder, "data") };
  }

  async start() {
    const until = Date.now() + READY_TIMEOUT_MS;
    // Between two lives somebody else may have called from its port.
    while (!(await this.#begin(until)));
    this.port = Number(new URL(this.url).port);
  }

  /** Starts the program and waits until it is ready; whether it was, or its port was taken. */
  async #begin(until) {
    const environment = { ...process.env, LEPTOS_SITE_ROOT: SITE, ...this.folders, ...this.environment };
    let log = "";
    this.child = spawn(BINARY, ["serve", "--port", String(this.port), ...this.args], { cwd: ROOT, env: environment });
    this.ended = new Promise((done) => this.child.once("exit", done));
    this.child.once("error", (error) => (log += `${error}\n`));
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on("data", (text) => (log += text));
    // Only what it says itself tells where it is: another server's answer is not taken for its own.
    const isThere = () => (this.url = /^inflight on (http:\S+) /m.exec(log)?.[1]) !== undefined;
    while (!isThere() || !(await this.#isReady())) {
      const isOver = this.child.exitCode !== null || this.child.pid === undefined || Date.now() > until;
      if (this.child.exitCode === PORT_TAKEN && this.port && Date.now() < until) return false;
      if (isOver) throw new Error(`the server did not become ready:\n${log}`);
      await new Promise((done) => setTimeout(done, 50));
    }
    return true;
  }

  /** A key of this server with these roles, once the server knows it. */
  async key(name, ...roles) {
    const words = ["keys", "create", "--name", name, ...roles.flatMap((role) => ["--role", role])];
    const options = { cwd: ROOT, env: { ...process.env, ...this.folders }, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] };
    const key = execFileSync(BINARY, words, options).trim();
    const isKnown = () => fetch(`${this.url}/api/v1/me`, { headers: { authorization: `Bearer ${key}` } }).then(({ ok }) => ok);
    while (!(await isKnown())) await new Promise((done) => setTimeout(done, 50));
    return key;
  }

  async #isReady() {
    return fetch(`${this.url}/readyz`).then((answer) => answer.ok, () => false);
  }

  async kill() {
    await this.#end("SIGKILL");
  }

  async stop() {
    await this.#end("SIGTERM");
    this.#forget();
  }

  /** Ends it at once and for good. */
  async remove() {
    await this.#end("SIGKILL");
    this.#forget();
  }

  #forget() {
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #end(signal) {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    await this.ended;
  }
}

/** A model that echoes, so many milliseconds a word: the product's own stand-in for the Realtime API. */
export async function launchModel(wordMs) {
  const child = spawn(BINARY, ["dev", "realtime", "--port", "0", "--word-ms", String(wordMs)], { cwd: ROOT });
  const ended = new Promise((done) => child.once("exit", done));
  const url = await new Promise((done, failed) => {
    child.stdout.once("data", (line) => done(String(line).trim()));
    child.once("error", failed);
  });
  return { url, kill: () => (child.kill("SIGKILL"), ended) };
}

/** The demo below a path of its own, as a host of static files serves it. */
export async function serveDemo(prefix = "/some/where/", { compressed = false } = {}) {
  const packed = new Map();
  const host = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    const inside = path.startsWith(prefix) ? normalize(path.slice(prefix.length)) || "." : "..";
    let file = join(DEMO, inside);
    if (!inside.startsWith("..") && existsSync(file) && statSync(file).isDirectory()) file = join(file, "index.html");
    if (inside.startsWith("..") || !existsSync(file)) return response.writeHead(404).end();
    const headers = { "content-type": TYPES[extname(file)] ?? "application/octet-stream" };
    if (!compressed) {
      response.writeHead(200, headers);
      return createReadStream(file).pipe(response);
    }
    if (!packed.has(file)) packed.set(file, brotliCompressSync(readFileSync(file)));
    response.writeHead(200, { ...headers, "content-encoding": "br", "cache-control": "max-age=600" });
    response.end(packed.get(file));
  });
  await new Promise((done) => host.listen(0, "127.0.0.1", done));
  return { url: `http://127.0.0.1:${host.address().port}${prefix}`, close: () => host.close() };
}
