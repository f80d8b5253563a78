// The static demo: the same desk from a host of static files, below a path, with the engine in a worker.

import { openSky } from "../harness/sky.js";
import { expect, expectAccessible, test } from "../harness/test.js";

test("the demo plays its recording without a server", async ({ page, demo }) => {
  const app = await openSky(page, demo.url);
  await expect(page.locator(".badge")).toHaveAttribute("data-kind", "replay");
  const cut = Number(await app.getAttribute("data-cut"));
  await expect.poll(async () => Number(await app.getAttribute("data-cut"))).toBeGreaterThan(cut);
  await expectAccessible(page);
});

test("the demo's recording can be moved and its view is in the address", async ({ page, demo }, { project }) => {
  await openSky(page, `${demo.url}?table=1`);
  await expect(page.locator(".table-panel")).toBeVisible();
  // On a phone the table covers the picture and its strip.
  if (project.name === "phone") await page.getByRole("button", { name: "Close the table", exact: true }).click();
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await expect(page.getByRole("button", { name: "Play", exact: true })).toBeVisible();
});

test("the demo opens again without a network", async ({ page, context, demo }) => {
  // Of a demo in another folder of the same host.
  const other = `inflight-demo-${new URL("/elsewhere/", demo.url)} 1`;
  await page.addInitScript((name) => caches.open(name), other);
  await page.goto(demo.url);
  await page.evaluate(async () => {
    const { active } = await navigator.serviceWorker.ready;
    if (active.state !== "activated") await new Promise((done) => active.addEventListener("statechange", done));
  });
  expect(await page.evaluate((name) => caches.has(name), other), "others' caches stay").toBe(true);
  await context.setOffline(true);
  const app = await openSky(page, `${demo.url}?still=1`);
  await expect(app).toHaveAttribute("data-globe", "running");
});
