// Held to its types only: the examples of specification 002 and of the README.

import { InflightClient, StreamingClient, type Flight, type Proposal } from "../src/index.js";

const streamingClient = new StreamingClient({
  baseUrl: "wss://api.example/v1",
  sseUrl: "https://api.example/v1/stream/sse",
  apiKey: "your-api-key",
  userId: "user-123",
  subscriptions: ["signal", "proposal", "decision", "outcome", "risk", "system"],
  maxReconnectAttempts: 5,
  reconnectDelay: 1000,
});

streamingClient.on("signal", (data) => console.log(`Signal from ${data.source}`, data.scores.fused));
streamingClient.on("proposal", (data: Proposal, { timestamp }) => console.log(data.assets.join(", "), timestamp));
streamingClient.on("system", ({ alerts }) => alerts.map(({ level, message }) => `${level}: ${message}`));
streamingClient.on("connection", ({ reconnected }) => console.log(reconnected));
streamingClient.on("disconnection", ({ willReconnect }) => console.log(willReconnect));
streamingClient.on("debug", ({ message }) => console.log(message));
streamingClient.on("error", (error) => {
  switch (error.type) {
    case "websocket":
    case "sse":
      console.log(error.message);
      break;
    default:
      console.error(error);
  }
});
streamingClient.subscribe(["risk", "system"]);
streamingClient.unsubscribe(["signal"]);
console.log(streamingClient.subscriptions, streamingClient.isConnected, streamingClient.getStatus().state);
// @ts-expect-error there is no such event
streamingClient.on("weather", () => {});
// @ts-expect-error nor such a subscription
streamingClient.subscribe(["weather"]);

const client = new InflightClient({ baseUrl: "http://127.0.0.1:3000", topics: ["flights", "load/L1"] });
client.on("change", ({ keys }) => {
  const flights: (Flight | undefined)[] = [...(keys.get("flights") ?? [])].map((icao24) => client.flights.get(icao24));
  console.log(flights.length);
});
client.on("entry", ({ topic, type, data }) => console.log(topic, type, data));
void client.replay({ action: "seek", to: 1_679_015_040 });
// @ts-expect-error a seek needs a time
void client.replay({ action: "seek" });
