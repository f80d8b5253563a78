// Where a server is: one base address, as people write it, and the routes below it.

/** The addresses that a client needs. */
export interface Addresses {
  /** `ws:` or `wss:`. */
  readonly socket: string;
  readonly events: string;
  /** What routes of the plain interface stand below, without a slash at the end. */
  readonly http: string;
}

/**
 * Reads `http://host:3000`, `wss://host/behind/a/path` or `wss://host/stream/ws`; `sseUrl` is the whole address of the
 * events where it is not the usual one.
 */
export function addressesOf(baseUrl: string, sseUrl?: string): Addresses {
  const base = new URL(baseUrl);
  if (!/^(https?|wss?):$/.test(base.protocol)) {
    throw new TypeError(`baseUrl: expected an address with http, https, ws or wss, got ${baseUrl}`);
  }
  const isSecure = base.protocol === "https:" || base.protocol === "wss:";
  const place = `${base.host}${base.pathname.replace(/\/+$/, "").replace(/\/stream\/ws$/, "")}`;
  const http = `${isSecure ? "https" : "http"}://${place}`;
  return {
    socket: `${isSecure ? "wss" : "ws"}://${place}/stream/ws`,
    events: sseUrl ?? `${http}/stream/sse`,
    http,
  };
}
