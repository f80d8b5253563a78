// The least that must hold: the page comes from the server, wakes up, and says nothing on the console.

import { expect, expectAccessible, test } from "../harness/test.js";

test("the page hydrates without a word on the console", async ({ page, server }) => {
  const answer = await page.goto(server.url);
  expect(answer.status()).toBe(200);
  expect(await answer.text()).toContain("<main");
  await expect(page).toHaveTitle(/Inflight/);
  await expect(page.locator("#app")).toHaveAttribute("data-hydrated", "true");
  await expectAccessible(page);
});

test("the demo needs no server and no place of its own", async ({ page, demo }) => {
  const answer = await page.goto(demo.url);
  expect(answer.status()).toBe(200);
  await expect(page.getByRole("main")).toBeVisible();
});
