// The Sky desk: first paint, aircraft that move, selection by every way, search, table, address, words.

import { readFileSync } from "node:fs";

import { labels, openSky, search, someLabel } from "../harness/sky.js";
import { expect, Server, test } from "../harness/test.js";

test("the first paint needs no script", async ({ browser, server }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(server.url);
  await expect(page.getByRole("heading", { name: "Sky" })).toBeVisible();
  await expect(page.locator("#search")).toBeVisible();
  await context.close();
});

test("aircraft are there and move between polls", async ({ page, server }) => {
  const app = await openSky(page, `${server.url}/?lat=40.7&lon=-74&height=90000`);
  await someLabel(page);
  const sample = async () => ({ cut: await app.getAttribute("data-cut"), labels: await labels(page) });
  // The camera stands and the table is at the same cut: what moved was reckoned. A slow machine draws seldom, so that
  // each sample is held against the first one of its cut.
  let first = await sample();
  await expect
    .poll(async () => {
      const now = await sample();
      if (now.cut !== first.cut) first = now;
      return now.labels.filter((one) => {
        const other = first.labels.find((label) => label.hex === one.hex);
        const distance = other ? Math.hypot(other.x - one.x, other.y - one.y) : 0;
        return distance > 0 && distance < 30;
      }).length;
    })
    .toBeGreaterThan(3);
});

test("search finds, selects and puts it into the address", async ({ page, server }) => {
  await openSky(page, server.url);
  const { text, hex } = await someLabel(page);
  await page.keyboard.press("/");
  await expect(page.locator("#search")).toBeFocused();
  await search(page, text);
  const inspector = page.locator(".inspector");
  await expect(inspector).toHaveAttribute("data-hex", hex);
  await expect(inspector).toContainText(text);
  await expect.poll(() => new URL(page.url()).searchParams.get("icao")).toBe(hex);
  await page.keyboard.press("Escape");
  await expect(inspector).toBeHidden();
});

test("an address restores selection, table and theme", async ({ page, server }) => {
  await openSky(page, server.url);
  const { hex } = await someLabel(page);
  await openSky(page, `${server.url}/?icao=${hex}&table=1&theme=light`);
  await expect(page.locator(".inspector")).toHaveAttribute("data-hex", hex);
  await expect(page.locator(".table-panel")).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
});

test("a press on an aircraft selects it, and so does a key", async ({ page }) => {
  const server = await Server.launch({ args: ["--start-paused"] });
  await openSky(page, server.url);
  await someLabel(page);
  const all = await labels(page);
  const room = (one) => Math.min(...all.filter((other) => other !== one).map((other) => Math.hypot(other.x - one.x, other.y - one.y)));
  const lonely = all.toSorted((a, b) => room(b) - room(a))[0];
  const inspector = page.locator(".inspector");
  await search(page, lonely.text);
  await expect(inspector).toHaveAttribute("data-hex", lonely.hex);
  // The search flew there: the aircraft is in the middle of the picture as soon as the camera stands.
  let before = "";
  const rests = () => {
    const [now, last] = [new URL(page.url()).search, before];
    before = now;
    return now === last && now.includes("lat=");
  };
  await expect.poll(rests, { intervals: [700] }).toBe(true);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await expect(inspector).toBeHidden();
  const box = await page.locator("#globe").boundingBox();
  const press = (x, y) => (test.info().project.name === "phone" ? page.touchscreen.tap(x, y) : page.mouse.click(x, y));
  await press(box.x + box.width / 2, box.y + box.height / 2);
  await expect(inspector).toHaveAttribute("data-hex", lonely.hex);
  await page.locator("#globe").focus();
  await page.keyboard.press("Escape");
  await expect(inspector).toBeHidden();
  await page.locator("#globe").focus();
  await page.keyboard.press("Enter");
  await expect(inspector).toBeVisible();
  await server.stop();
});

test("the table holds the same aircraft, sorted and by keys", async ({ page, server }, { project }) => {
  const app = await openSky(page, server.url);
  await page.getByRole("button", { name: "Table", exact: true }).click();
  const panel = page.locator(".table-panel");
  await expect(panel.locator("tr.row").first()).toBeVisible();
  const rows = Number(await panel.locator("table").getAttribute("aria-rowcount"));
  const count = Number(await app.getAttribute("data-aircraft"));
  expect(Math.abs(rows - 1 - count)).toBeLessThan(10);
  expect(await panel.locator("tr.row").count()).toBeLessThan(80);

  const header = panel.locator("th[data-column=altitude]");
  await header.getByRole("button").click();
  await expect(header).toHaveAttribute("aria-sort", /ascending|descending/);

  await panel.locator("tr.row").nth(1).locator("td").first().click();
  await expect(page.locator(".inspector")).toBeVisible();
  // A phone has room for one of the two: the table gives way to the aircraft that was chosen in it.
  if (project.name === "phone") await expect(panel).toBeHidden();
  else await expect(panel.locator("tr.row[aria-current=true]")).toHaveCount(1);
});

test("the badge tells what is shown and one press tells why", async ({ page, server }) => {
  await openSky(page, server.url);
  const badge = page.locator(".badge");
  await expect(badge).toHaveAttribute("data-kind", "replay");
  await badge.click();
  await expect(page.getByText("opensky_nyc_sample.jsonl")).toBeVisible();
});

test("the recording can be paused and sought", async ({ page, ownServer }) => {
  await openSky(page, ownServer.url);
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await expect(page.getByRole("button", { name: "Play", exact: true })).toBeVisible();
  const slider = page.getByRole("slider");
  const start = Number(await slider.getAttribute("min"));
  await slider.fill(String(start + 900));
  await expect(page.locator(".badge")).toContainText("13:45:00Z");
});

test("settings change language and theme and are remembered", async ({ page, server }) => {
  await openSky(page, server.url);
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByLabel("Română").check({ force: true });
  await expect(page.locator("html")).toHaveAttribute("lang", "ro");
  await page.getByLabel("Luminoasă").check({ force: true });
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  await openSky(page, server.url);
  await expect(page.locator("html")).toHaveAttribute("lang", "ro");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
});

test("the address filters, a bad pattern says so, and what is shown can be taken along", async ({ page, server }, { project }) => {
  test.skip(project.name === "phone", "the same panel");
  const app = await openSky(page, `${server.url}/?filterCallSign=^(UAL|DAL)&table=1`);
  const rows = page.locator(".table-panel tr.row td:first-child");
  await expect(rows.first()).toHaveText(/^(UAL|DAL)/);
  const all = Number(await app.getAttribute("data-aircraft"));
  const shown = async () => Number((await page.locator(".chip-count").textContent()).split(" ")[0]);
  expect(await shown()).toBeLessThan(all);
  // The number is new with each cut, the rows once a second.
  const listed = async () => Number(await page.locator(".table-panel table").getAttribute("aria-rowcount")) - 1;
  await expect.poll(async () => (await listed()) - (await shown())).toBe(0);

  await page.locator("[data-opens=filters]").click();
  await page.locator("#filterCallSign").fill("^(UAL");
  await expect(page.locator("#filterCallSign-wrong")).toContainText("Unterminated group");
  await expect(rows.first()).toHaveText(/^(UAL|DAL)/);
  await page.keyboard.press("Escape");

  for (const [name, shape] of [["GeoJSON", /"type":"FeatureCollection"/], ["KML", /<kml /], ["CSV", /^icao24,callsign,/]]) {
    const [file] = await Promise.all([page.waitForEvent("download"), page.locator(".exports").getByText(name).click()]);
    expect(file.suggestedFilename()).toMatch(/^inflight-aircraft-\d{8}T\d{6}Z\./);
    const text = readFileSync(await file.path(), "utf8");
    expect(text).toMatch(shape);
    if (name !== "GeoJSON") continue;
    const points = JSON.parse(text).features.filter((one) => one.geometry.type === "Point");
    expect(Math.abs(points.length - (await shown()))).toBeLessThan(3);
  }
  await page.locator(".chip-clear").click();
  await expect.poll(() => new URL(page.url()).searchParams.get("filterCallSign")).toBe(null);
});

test("several can be picked, shown alone, and found again by their address", async ({ page, server }, { project }) => {
  test.skip(project.name === "phone", "keys and a mouse");
  await openSky(page, `${server.url}/?table=1`);
  const row = page.locator("tr.row");
  await row.nth(2).click();
  await row.nth(4).click({ modifiers: ["Control"] });
  await expect(page.locator(".picks .pick")).toHaveCount(2);
  await page.locator("#globe").focus();
  await page.keyboard.press("i");
  await expect(row).toHaveCount(2);
  // Both are written there once a second: the selection may be a second older than that it is alone.
  const told = () => ["icao", "isolate"].map((name) => new URL(page.url()).searchParams.get(name)?.split(",").length);
  await expect.poll(told).toEqual([2, 1]);
  await openSky(page, page.url().replace(/lat=[^&]*/, "lat=40.7"));
  await expect(row).toHaveCount(2);
  await expect(page.locator(".picks .pick")).toHaveCount(2);
  await page.locator("#globe").focus();
  await page.keyboard.press("Escape");
  await expect.poll(() => row.count()).toBeGreaterThan(2);
});
