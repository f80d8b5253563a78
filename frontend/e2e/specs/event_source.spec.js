// `/stream/sse` in a browser: a plain EventSource, without a line of ours, follows and comes back.

import { expect, Server, test as base } from "../harness/test.js";

const test = base.extend({
  /** One whose recording goes fast enough to have changes at any time. */
  ownServer: async ({}, use) => {
    const server = await Server.launch({ args: ["--speed", "20"] });
    await use(server);
    await server.remove();
  },
});

test("a plain EventSource goes on where it was, and comes back when the server was killed", async ({ page, ownServer: server, complaints }, { project }) => {
  test.skip(project.name === "phone", "there is nothing to see");
  complaints.expected.push(/Failed to load resource/, /net::ERR/);
  const address = `${server.url}/empty.html`;
  await page.route(address, (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><title>Empty</title>" }));
  await page.goto(address);
  await page.evaluate(() => {
    globalThis.heard = [];
    globalThis.source = new EventSource("/stream/sse?topics=flights");
    for (const name of ["hello", "snapshot", "tick", "bye"]) {
      globalThis.source.addEventListener(name, ({ data, lastEventId }) => {
        const [{ epoch, base, cut }] = JSON.parse(data);
        globalThis.heard.push({ name, lastEventId, epoch, base, cut });
      });
    }
  });
  const heard = (name) => page.evaluate((name) => globalThis.heard.filter((event) => event.name === name), name);
  await expect.poll(async () => (await heard("tick")).length).toBeGreaterThan(1);
  const [first] = await heard("snapshot");

  await server.kill();
  await server.start();
  await expect.poll(async () => (await heard("hello")).length).toBe(2);
  await expect.poll(async () => (await heard("snapshot")).some(({ epoch }) => epoch > first.epoch)).toBe(true);

  // The same server, broken off on the way: only what changed since then comes.
  const before = await page.evaluate(() => {
    globalThis.source.close();
    const { lastEventId } = globalThis.heard.at(-1);
    globalThis.heard.length = 0;
    globalThis.source = new EventSource(`/stream/sse?topics=flights&last_event_id=${lastEventId}`);
    globalThis.source.addEventListener("snapshot", () => globalThis.heard.push({ name: "snapshot" }));
    globalThis.source.addEventListener("tick", ({ data }) => globalThis.heard.push({ name: "tick", ...JSON.parse(data)[0] }));
    return lastEventId;
  });
  await expect.poll(async () => (await heard("tick")).length).toBeGreaterThan(0);
  expect(await heard("snapshot")).toEqual([]);
  const [tick] = await heard("tick");
  expect(`${tick.epoch}:${tick.base}`).toBe(before);
});
