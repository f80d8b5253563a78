// Time: back into what the server keeps while the live link goes on, and recordings of one's own.

import { dropRecording, labels, leave, openSky, recording, someLabel } from "../harness/sky.js";
import { expect, expectAccessible, Server, test } from "../harness/test.js";

/** A server whose recording no page may move, as if it were live, with some minutes of history. */
async function withPast() {
  // From its start again the recording would take the place of the past that is looked at.
  const server = await Server.launch({ args: ["--speed", "40", "--no-loop"], environment: { PUBLIC_DEMO: "true" } });
  await expect.poll(() => keptSeconds(server)).toBeGreaterThan(300);
  return server;
}

async function keptSeconds(server) {
  const kept = await fetch(`${server.url}/api/v1/history`).then((answer) => answer.json());
  return kept.to - kept.from;
}

/** The address of the aircraft that has been seen longest in flight, of those that have a label now. */
async function longSeen(page, server) {
  const points = async ({ hex }) => {
    const trail = await fetch(`${server.url}/api/v1/flights/${hex}/trail`).then((answer) => answer.json());
    const shown = new Date(new URL(page.url()).searchParams.get("t")).getTime() / 1000;
    return trail.points.filter(([time, , , altitudeM]) => time < shown && altitudeM !== null).length;
  };
  const shown = await labels(page);
  const counts = await Promise.all(shown.map(points));
  const most = Math.max(...counts);
  return most < 4 ? null : shown[counts.indexOf(most)].hex;
}

test("the past plays while live goes on, and a press leads back", async ({ page }) => {
  const server = await withPast();
  const app = await openSky(page, server.url);
  const badge = page.locator(".badge");
  await expect(badge).toHaveAttribute("data-kind", "replay");
  const place = page.getByRole("slider", { name: "Place in the recording" });
  await place.focus();
  await page.keyboard.press("Home");
  await expect(badge).toHaveAttribute("data-kind", "history");
  await expect(badge).toContainText("live goes on");
  await expect.poll(async () => Number(await app.getAttribute("data-aircraft"))).toBeGreaterThan(50);
  await expect.poll(() => new URL(page.url()).searchParams.get("t")).toMatch(/^2026-06-14T13:3\d:\d\dZ$/);
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  const at = () => page.locator(".replay-time").textContent();
  await expect(page.getByRole("button", { name: "Play", exact: true })).toBeVisible();
  const before = await at();
  await page.keyboard.press(".");
  await expect.poll(at).not.toBe(before);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Back to live" }).click();
  await expect(badge).toHaveAttribute("data-kind", "replay");
  // What came meanwhile is there at once: the table is beyond the past.
  await expect.poll(() => new URL(page.url()).searchParams.get("t")).toBeNull();
  await leave(page, server);
});

test("an address opens the past, and a trail is there after a reload", async ({ page }, { project }) => {
  const server = await withPast();
  // Who stands on the ground has no profile.
  await openSky(page, `${server.url}/?filterGround=0`);
  await someLabel(page);
  // The key goes five minutes back, and there somebody must have been seen for some polls already.
  await expect.poll(() => keptSeconds(server)).toBeGreaterThan(420);
  await page.keyboard.press("y");
  const badge = page.locator(".badge");
  await expect(badge).toHaveAttribute("data-kind", "history");
  // What is filtered stays so in the past.
  await expect(page.locator(".legend-count")).toHaveText(/^\d+ of \d+$/);
  await expect.poll(() => new URL(page.url()).searchParams.get("t")).not.toBeNull();
  // Who has only just come has too short a trail for a profile.
  let hex;
  await expect.poll(async () => (hex = await longSeen(page, server))).not.toBeNull();
  await openSky(page, `${page.url()}&icao=${hex}`);
  await expect(badge).toHaveAttribute("data-kind", "history");
  if (project.name === "phone") await page.getByRole("button", { name: "Show more" }).click();
  // The profile of the altitude is drawn from the trail as soon as that has three points.
  await expect(page.locator(".inspector .profile")).toBeVisible();
  await leave(page, server);
});

test("a recording of one's own plays and is closed again", async ({ page, server }) => {
  const app = await openSky(page, server.url);
  const chooser = page.getByLabel("Open a recording");
  await chooser.setInputFiles({ name: "bad.jsonl", mimeType: "text/plain", buffer: Buffer.from("{\"time\":1}\nhello\n") });
  await expect(page.locator(".toast")).toContainText("line 1");
  await dropRecording(page, recording());
  await expect(app).toHaveAttribute("data-aircraft", "1");
  await expect(page.locator(".drop-hint")).toBeHidden();
  await expect(page.locator(".toast")).toHaveAttribute("data-open", "false");
  // The camera goes where the recording is.
  await expect(page.locator(".labels .label:not(.is-leaving)")).toHaveText(["DROPPED"]);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Close the recording" }).click();
  await expect.poll(async () => Number(await app.getAttribute("data-aircraft"))).toBeGreaterThan(50);
});
