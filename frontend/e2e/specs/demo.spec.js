// The static demo: the same desk from a host of static files, below a path, with the engine in a worker.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import { dropRecording, openSky, recording } from "../harness/sky.js";
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

test("a disruption becomes a case that a person decides on, in the browser", async ({ page, demo }, { project }) => {
  await openSky(page, demo.url);
  await page.getByLabel("Replay speed").selectOption({ label: "16×" });
  const opener = page.locator("[data-opens=disruptions]");
  await expect(opener, "somebody calls for help").toHaveAttribute("data-waiting", "1");
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await opener.click();
  const card = page.locator(".case").filter({ hasText: "declares an emergency" });
  await expect(card).toContainText("Waiting for you");
  await expect(card).toContainText("Rule an emergency: transponder code 7700");
  await expectAccessible(page);

  await card.getByRole("button", { name: "Edit" }).click();
  await expect(card.getByLabel("What is sent")).toBeFocused();
  await card.getByLabel("What is sent").fill("Call Maria.");
  await card.getByRole("button", { name: "Approve as edited" }).click();
  await expect(card.getByRole("button", { name: "Undo" })).toBeFocused();
  await expectAccessible(page);
  await page.keyboard.press("Enter");
  await expect(card).toContainText("Waiting for you");
  await card.getByRole("button", { name: "Approve as edited" }).click();
  await expect(card, "it holds after a while").toContainText("declares an emergency. Call Maria.");

  await card.getByText(/^\d+ steps$/).click();
  await expect(card.locator(".case-steps li").last()).toContainText("case-emergency");
  await card.getByRole("button", { name: "Verify" }).click();
  await expect(card.getByRole("status")).toContainText("The chain holds");
  await expectAccessible(page);
  const [download] = await Promise.all([page.waitForEvent("download"), card.getByRole("button", { name: "Export" }).click()]);
  expect(download.suggestedFilename()).toMatch(/^run-.+\.jsonl$/);
  const lines = readFileSync(await download.path(), "utf8").trimEnd().split("\n");
  expect(lines.length).toBe(await card.locator(".case-steps li").count());
  // Read by who knows nothing of ours: each hash covers the one before and the line without both.
  let before = "0".repeat(64);
  for (const line of lines) {
    const { hash, prev } = JSON.parse(line);
    const covered = line.replace(`"hash":"${hash}",`, "").replace(`"prev":"${prev}",`, "");
    expect(prev).toBe(before);
    expect(createHash("sha256").update(Buffer.from(prev, "hex")).update(covered).digest("hex")).toBe(hash);
    before = hash;
  }
  if (project.name === "phone") return;

  // A recording of one's own has cases of its own, and takes away none of what was decided.
  await dropRecording(page, recording({ squawk: "7700" }));
  await expect(page.locator(".case")).toHaveCount(0);
  await page.getByLabel("Replay speed").selectOption({ label: "16×" });
  await expect(page.locator(".case")).toContainText("DROPPED declares an emergency");
  await page.getByRole("button", { name: "Close the recording" }).click();
  await expect(card).toContainText("declares an emergency. Call Maria.");
  await expect(page.locator(".case").filter({ hasText: "DROPPED" })).toHaveCount(0);
});

test.describe("without a part", () => {
  // It would bring what the network does not.
  test.use({ serviceWorkers: "block" });

  test("the watcher may be missing for a while", async ({ page, demo, complaints }, { project }) => {
    test.skip(project.name === "phone", "the same there");
    complaints.expected.push(/Service Worker registration blocked/, /Failed to (fetch|load)/);
    await page.route("**/watcher_bg.wasm", (route) => route.abort());
    await openSky(page, demo.url);
    await page.getByLabel("Replay speed").selectOption({ label: "16×" });
    const opener = page.locator("[data-opens=disruptions]");
    await expect(opener.locator(".disruptions-count")).toHaveText("1");
    await page.getByRole("button", { name: "Pause", exact: true }).click();
    await opener.click();
    const cases = page.locator("#cases");
    await expect(cases).toContainText("The watcher could not be loaded");
    await page.unroute("**/watcher_bg.wasm");
    await cases.getByRole("button", { name: "Try again" }).click();
    await expect(cases.locator(".case").first()).toBeVisible();
  });
});
