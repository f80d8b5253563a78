// Everything that a program may use.

export { RequestRefused, type ConnectionOptions, type ConnectionState } from "./connection.js";
export { InflightClient, type Change, type InflightEvents, type InflightOptions, type InflightStatus, type Problem, type Receipt } from "./inflight_client.js";
export { NotSent } from "./queue.js";
export * from "./rows.js";
export { StreamingClient, type StreamingEvents, type StreamingOptions, type StreamingStatus } from "./streaming_client.js";
export type { Ending, SocketClass, SocketLike, TransportName } from "./transport.js";
export { LostStep, type Clock, type Disruption, type Entry, type Flight, type Form, type Position, type Presence, type ReplayCommand, type SystemRow, type TrailPoint } from "./wire.js";
