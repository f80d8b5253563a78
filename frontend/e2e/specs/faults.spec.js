// What goes wrong and comes back: the server, the graphics card, a browser without WebGL.

import { decode } from "@msgpack/msgpack";

import { openSky } from "../harness/sky.js";
import { expect, expectAccessible, test } from "../harness/test.js";

test("a killed server is told of, and the page comes back by itself", async ({ page, ownServer, complaints }) => {
  complaints.expected.push(/WebSocket connection/, /Failed to load resource/);
  const app = await openSky(page, ownServer.url);
  const badge = page.locator(".badge");
  await ownServer.kill();
  await expect(badge).toHaveAttribute("data-kind", "offline");
  expect(Number(await app.getAttribute("data-aircraft")), "what was known stays").toBeGreaterThan(50);
  await expectAccessible(page);
  await ownServer.start();
  await expect(badge).toHaveAttribute("data-kind", "replay");
  await expect.poll(async () => Number(await app.getAttribute("data-aircraft"))).toBeGreaterThan(50);
});

test("a broken socket resumes where it was", async ({ page, server }) => {
  const connections = [];
  await page.routeWebSocket(/\/stream\/ws/, (socket) => {
    const headers = [];
    const upstream = socket.connectToServer();
    upstream.onMessage((message) => {
      headers.push(decode(message)[0]);
      socket.send(message);
    });
    connections.push({ socket, headers });
  });
  await openSky(page, server.url);
  await connections[0].socket.close({ code: 4008, reason: "slow_resume" });
  await expect.poll(() => connections[1]?.headers.some(({ type }) => type === "tick")).toBe(true);
  const { headers } = connections[1];
  expect(headers.map(({ type }) => type)).not.toContain("snapshot");
  expect(headers.find(({ type }) => type === "tick").epoch).toBe(connections[0].headers[0].epoch);
});

test("a lost graphics context comes back", async ({ page, server }) => {
  const app = await openSky(page, server.url);
  await page.evaluate(() => {
    const gl = document.querySelector("#globe").getContext("webgl2");
    globalThis.context = gl.getExtension("WEBGL_lose_context");
    globalThis.context.loseContext();
  });
  await expect(app).toHaveAttribute("data-globe", "lost");
  await expectAccessible(page);
  await page.evaluate(() => globalThis.context.restoreContext());
  await expect(app).toHaveAttribute("data-globe", "running");
});

test("without WebGL a map and the table do the job", async ({ page, server }, { project }) => {
  await page.addInitScript(() => {
    const original = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
      return kind.startsWith("webgl") ? null : original.call(this, kind, ...rest);
    };
  });
  await page.goto(server.url);
  await expect(page.locator("#app")).toHaveAttribute("data-globe", "flat");
  await expect(page.getByText("a map stands in for the globe")).toBeVisible();
  await expect(page.locator(".labels .label").first()).toBeVisible();
  await page.locator("#globe").press("Enter");
  await expect(page.locator(".inspector")).toBeVisible();
  await expect(page.locator("[data-act='ride:']")).toBeHidden();
  // On a phone the table would lie over the map.
  if (project.name === "phone") await page.getByRole("button", { name: "Table", exact: true }).click();
  await expect(page.locator(".table-panel tr.row").first()).toBeVisible();
  await expectAccessible(page);
});
