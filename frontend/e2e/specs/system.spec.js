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
  // What the server says of itself, and who is connected.
  await expect(page.locator("#section-topics tbody")).toContainText("flights");
  await expect(page.locator("#section-limits")).toContainText("Messages a minute");
  await expect(page.locator("#section-connections .card-part tbody")).toContainText("system");
  await expect(page.locator("#section-process .chart-line").first()).toHaveAttribute("d", /^M/);
  if (project.name === "desktop") {
    // All charts are read where the arrows lead, and each is a table too.
    await page.getByRole("slider", { name: "Memory" }).focus();
    await page.keyboard.press("Home");
    await expect(page.locator("[data-series=cpu_pct] output")).toContainText(/Z$/);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Memory: As table" }).click();
    await expect(page.locator("[data-series=memory_bytes] tbody tr").first()).toContainText("MB");
  }
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

test("an alert stands first, is counted in the rail and told once", async ({ page, server }) => {
  // The frames are the server's, with an alert put among the rows: a real one would take minutes to come.
  const { decode, encode } = await import("@msgpack/msgpack");
  let told = null;
  await page.routeWebSocket(/\/stream\/ws/, (socket) => {
    const upstream = socket.connectToServer();
    upstream.onMessage((message) => {
      const parts = decode(message);
      const rows = parts.find((part) => part.topic === "system");
      // A busy machine has alerts of its own.
      if (rows) rows.updated = rows.updated.filter(({ kind }) => kind !== "alert");
      if (told && parts[0].type === "tick" && rows) {
        rows.updated.push(told);
        told = null;
      }
      socket.send(Buffer.from(encode(parts)));
    });
  });
  await openSystem(page, `${server.url}/system`);
  await expect(page.locator(".headline-words")).toHaveText("All is well");
  const since = Date.now() / 1000;
  told = { kind: "alert", code: "tick_slow", level: "alarm", text: "x", value: 150, threshold: 100, since, ended: null };
  await expect(page.locator(".headline-words")).toHaveText("1 needs you");
  await expect(page.locator(".alert").first()).toContainText("Ticks take 150");
  await expect(page.locator(".toast")).toContainText("New alert");
  await expect(page.locator("[href=\"/system\"] .rail-count")).toContainText("1");
  await expectAccessible(page);
});

for (const theme of ["dark", "light"]) {
  test(`the System desk is accessible in the ${theme} theme`, async ({ page, server }) => {
    await openSystem(page, `${server.url}/system?theme=${theme}`);
    await expect(page.locator("#section-process .chart-line").first()).toHaveAttribute("d", /^M/);
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
