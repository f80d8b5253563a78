// One connection to `/stream/ws` that asks and waits for the answer: what compare.mjs and probe.mjs stand on.

import { decode, encode } from "@msgpack/msgpack";
import WebSocket from "ws";

import { routeOf } from "./client.mjs";

const WAIT_MS = 20000;

/** A connection whose messages are kept until somebody asks for them. */
export class Link {
  /** Opens; `protocols` is what is offered, and answers come in the form that the server chose. */
  static open(url, protocols = ["inflight.v1.json"]) {
    return new Promise((resolve, reject) => {
      const link = new Link(new WebSocket(routeOf(url, {}), protocols));
      link.socket.once("open", () => resolve(link));
      link.socket.once("error", reject);
    });
  }

  constructor(socket) {
    this.socket = socket;
    this.isBinary = () => socket.protocol === "inflight.v1.msgpack";
    this.messages = [];
    this.waiting = null;
    this.nextId = 1;
    this.closed = new Promise((resolve) => socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() })));
    socket.on("message", (data, isBinary) => {
      this.messages.push(isBinary ? decode(data) : JSON.parse(data.toString()));
      this.waiting?.();
    });
  }

  send(message) {
    this.socket.send(this.isBinary() ? encode(message) : JSON.stringify(message));
  }

  /** The first message that is not yet taken and whose header fits; the ones before it are dropped. */
  async next(fits, what = "a message") {
    const endsMs = performance.now() + WAIT_MS;
    for (;;) {
      while (this.messages.length > 0) {
        const message = this.messages.shift();
        if (fits(message[0])) return message;
      }
      const leftMs = endsMs - performance.now();
      if (leftMs <= 0) throw new Error(`${what} did not come within ${WAIT_MS / 1000} s`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.waiting = () => resolve(clearTimeout(timer));
      });
    }
  }

  nextOf(...types) {
    return this.next((header) => types.includes(header.type), types.join(" or "));
  }

  /** Sends a replay command and answers the header of `done`; an `error` with its id rejects. */
  async command(command) {
    const id = this.nextId++;
    this.send({ type: "replay", id, command });
    const [header] = await this.next((each) => ["done", "error"].includes(each.type) && each.id === id, `the answer to ${command.action}`);
    if (header.type === "error") throw new Error(`${command.action}: ${header.code}: ${header.message}`);
    return header;
  }

  close() {
    this.socket.close(1000);
    return this.closed;
  }
}

/** The row of the source that plays a recording, or undefined. */
export async function replayRow(url) {
  const link = await Link.open(url);
  link.send({ type: "subscribe", topics: ["system"] });
  const rows = [];
  for (let isLast = false; !isLast; ) {
    const [header, ...segments] = await link.nextOf("snapshot");
    rows.push(...segments.flatMap((segment) => segment.updated ?? []));
    isLast = header.part + 1 === header.parts;
  }
  await link.close();
  return rows.find((row) => row.kind === "source" && row.replay)?.replay;
}
