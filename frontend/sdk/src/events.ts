// Server-Sent Events as lines of text: what arrives in pieces leaves as whole events.

/** One event. */
export interface ServerSentEvent {
  /** Its name; `message` where it has none. */
  readonly name: string;
  readonly data: string;
  /** The newest id so far. */
  readonly id: string;
}

/** Reads a stream of events as the HTML standard says. */
export class EventParser {
  /** Milliseconds to stay away, if the server said so. */
  retryMs: number | null = null;
  #text = "";
  #name = "";
  #data: string[] = [];
  #id = "";

  /** Takes the next piece of text and answers the events that it completes. */
  push(piece: string): ServerSentEvent[] {
    const text = this.#text + piece;
    // The last line may go on in the next piece, and so may the ending `\r\n`.
    const whole = Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r", text.length - 2)) + 1;
    this.#text = text.slice(whole);
    const lines = text.slice(0, whole).split(/\r\n|\n|\r/);
    lines.pop();
    return lines.flatMap((line) => this.#line(line) ?? []);
  }

  #line(line: string): ServerSentEvent | null {
    if (line === "") return this.#end();
    const [, field = "", value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (field === "event") this.#name = value;
    else if (field === "data") this.#data.push(value);
    else if (field === "id" && !value.includes("\0")) this.#id = value;
    else if (field === "retry" && /^\d+$/.test(value)) this.retryMs = Number(value);
    return null;
  }

  #end(): ServerSentEvent | null {
    const [name, data] = [this.#name || "message", this.#data];
    this.#name = "";
    this.#data = [];
    return data.length === 0 ? null : { name, data: data.join("\n"), id: this.#id };
  }
}
