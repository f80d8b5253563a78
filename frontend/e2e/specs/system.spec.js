// The System desk: a program of its own, filled by a running server.

import { expect, expectAccessible, test } from "../harness/test.js";

async function openSystem(page, address) {
  await page.goto(address);
  const app = page.locator("#app");
  await expect(app).toHaveAttribute("data-hydrated", "true");
  await expect(app).toHaveAttribute("data-rows", "true");
  return app;
}

test("the desk has a program of its own and shows what the server says", async ({ page, server }, { project }) => {
  const programs = [];
  page.on("request", (request) => request.url().endsWith(".wasm") && programs.push(new URL(request.url()).pathname));
  await openSystem(page, `${server.url}/system`);
  expect(programs).toEqual(["/pkg/system.wasm"]);
  await expect(page.locator("#section-sources .source h3 span").first()).toHaveText("replay");
  await expect(page.locator(".headline-words")).toBeVisible();
  await expect(page.locator("time[data-stream]").first()).toHaveText(/\d/);
  await expect(page).toHaveTitle("System · Inflight");

  // The address holds the section, and a key leads to it.
  if (project.name === "desktop") await page.keyboard.press("3");
  else await page.getByRole("link", { name: "Turned away" }).click();
  await expect(page).toHaveURL(/section=turned-away/);
  await page.getByRole("link", { name: "Sky" }).click();
  await expect(page.locator("#app")).toHaveAttribute("data-globe", /./);
  await page.getByRole("link", { name: "System" }).click();
  await expect(page.locator("#app")).toHaveAttribute("data-rows", "true");
});

for (const theme of ["dark", "light"]) {
  test(`the System desk is accessible in the ${theme} theme`, async ({ page, server }) => {
    await openSystem(page, `${server.url}/system?theme=${theme}`);
    await expectAccessible(page);
    for (const panel of ["sources", "settings", "keys"]) {
      const opener = page.locator(`[data-opens=${panel}]:visible`);
      if ((await opener.count()) === 0) continue;
      await opener.first().click();
      await expect(page.locator(`#${panel}`)).toBeFocused();
      await expectAccessible(page);
      await page.keyboard.press("Escape");
    }
  });
}

test("a killed server is told of on the System desk, and what was known stays", async ({ page, ownServer, complaints }) => {
  complaints.expected.push(/WebSocket connection/, /Failed to load resource/);
  await openSystem(page, `${ownServer.url}/system`);
  await ownServer.kill();
  await expect(page.locator(".badge")).toHaveAttribute("data-kind", "offline");
  await expect(page.locator("#section-sources .note")).toContainText("Offline");
  await expect(page.locator("#section-sources .source h3 span").first()).toHaveText("replay");
  await expectAccessible(page);
});
