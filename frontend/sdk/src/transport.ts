// The two ways to a server: a WebSocket, and an answer that is read as Server-Sent Events.

import { decode, encode } from "@msgpack/msgpack";

import { EventParser } from "./events.js";
import type { ClientMessage, Form, Header, Position, ServerMessage } from "./wire.js";

/** Which way. */
export type TransportName = "websocket" | "sse";

/** What a socket must be able to do; browsers, Deno, Bun, Node from 22 on and the package ws have one. */
export interface SocketLike {
  binaryType: string;
  onopen: ((event: never) => unknown) | null;
  onmessage: ((event: never) => unknown) | null;
  onclose: ((event: never) => unknown) | null;
  onerror: ((event: never) => unknown) | null;
  send(data: string | Uint8Array): void;
  close(code?: number, reason?: string): void;
}

/** Makes a socket. */
export type SocketClass = new (url: string, protocols?: string | string[]) => SocketLike;

/** Why a connection ended. */
export interface Ending {
  /** WebSocket's close code, or the status of an answer that was none; 0 where there is neither. */
  readonly code: number;
  readonly reason: string;
  /** When the server wants the client back, in milliseconds; null if it did not say. */
  readonly retryMs: number | null;
}

/** What a transport tells. `ended` comes once, and nothing after it. */
export interface Listener {
  received(message: ServerMessage): void;
  ended(ending: Ending): void;
}

/** An open way. */
export interface Transport {
  readonly name: TransportName;
  readonly form: Form;
  /** Sends a message; false where this way cannot. */
  send(message: ClientMessage): boolean;
  /** Ends it; `ended` is not told of. */
  close(): void;
}

/** Opens a WebSocket in one of the forms. */
export function openSocket(Socket: SocketClass, url: string, form: Form, listener: Listener): Transport {
  const socket = new Socket(url, `inflight.v1.${form}`);
  const state = { isOver: false, retryMs: null as number | null };
  const end = (code: number, reason: string): void => {
    if (state.isOver) return;
    state.isOver = true;
    listener.ended({ code, reason, retryMs: state.retryMs });
  };
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }: { data: unknown }) => {
    if (state.isOver) return;
    const message = read(data);
    if (!message) return;
    state.retryMs = retryOf(message[0]) ?? state.retryMs;
    listener.received(message);
  };
  socket.onerror = () => {};
  socket.onclose = ({ code, reason }: { code: number; reason: string }) => end(code, String(reason));
  return {
    name: "websocket",
    form,
    send: (message) => {
      socket.send(form === "json" ? JSON.stringify(message) : encode(message));
      return true;
    },
    close: () => {
      state.isOver = true;
      socket.close(1000);
    },
  };
}

/** What an answer that is read as events is asked for. */
export interface EventsRequest {
  readonly url: string;
  readonly topics: readonly string[];
  readonly resume: Position | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** Opens Server-Sent Events. It reads the answer itself, so that a key can stand in a header. */
export function openEvents(fetch: typeof globalThis.fetch, request: EventsRequest, listener: Listener): Transport {
  const abort = new AbortController();
  const state = { isOver: false };
  const end = (code: number, reason: string, retryMs: number | null): void => {
    if (state.isOver) return;
    state.isOver = true;
    listener.ended({ code, reason, retryMs });
  };
  void follow(fetch, request, abort.signal, (message) => state.isOver || listener.received(message), end).catch(
    (error: unknown) => end(0, error instanceof Error ? error.message : String(error), null),
  );
  return {
    name: "sse",
    form: "json",
    send: () => false,
    close: () => {
      state.isOver = true;
      abort.abort();
    },
  };
}

async function follow(
  fetch: typeof globalThis.fetch,
  { url, topics, resume, headers }: EventsRequest,
  signal: AbortSignal,
  receive: (message: ServerMessage) => void,
  end: (code: number, reason: string, retryMs: number | null) => void,
): Promise<void> {
  const address = new URL(url);
  address.searchParams.set("topics", topics.join(","));
  const place: Record<string, string> = resume ? { "Last-Event-ID": `${resume.epoch}:${resume.cut}` } : {};
  const answer = await fetch(address, { signal, headers: { Accept: "text/event-stream", ...headers, ...place } });
  if (!answer.ok || !answer.body) {
    const text = await answer.text();
    return end(answer.status, text.slice(0, 500), retryAfterMs(answer.headers.get("Retry-After")));
  }
  const parser = new EventParser();
  const reader = answer.body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader();
  let isLeaving = false;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return end(0, isLeaving ? "going_away" : "the answer ended", parser.retryMs);
    for (const { name, data } of parser.push(value)) {
      isLeaving = name === "bye";
      const message = read(data);
      if (message) receive(message);
    }
  }
}

/** A message of the server; what is none is read over, as is what a later version may send. */
function read(data: unknown): ServerMessage | null {
  let message: unknown;
  try {
    message = typeof data === "string" ? JSON.parse(data) : decode(new Uint8Array(data as ArrayBuffer));
  } catch {
    return null;
  }
  const isMessage = Array.isArray(message) && typeof (message[0] as Header | undefined)?.type === "string";
  return isMessage ? (message as unknown as ServerMessage) : null;
}

function retryOf(header: Header): number | null {
  return header.type === "bye" ? (header.retry_ms ?? null) : null;
}

function retryAfterMs(text: string | null): number | null {
  return text !== null && /^\d+$/.test(text) ? Number(text) * 1000 : null;
}
