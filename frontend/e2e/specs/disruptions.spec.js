// What cannot be missed: who calls for help stands over the picture whatever is filtered, and in the list.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { leave } from "../harness/sky.js";
import { expect, expectAccessible, Server, test } from "../harness/test.js";

/** A minute of two aircraft of which one begins to send 7700, as a source's answers, one a line. */
function recording() {
  const row = (hex, name, time, latitude, squawk) =>
    [hex, name.padEnd(8), "X", time, time, -74, latitude, 3000, false, 111, 0, 0, null, 3000, squawk, false, 0];
  const polls = Array.from({ length: 7 }, (_, index) => {
    const time = 1_700_000_000 + index * 10;
    const latitude = Number((40 + index * 0.01).toFixed(4));
    const states = [row("a13f1c", "MAYDAY1", time, latitude, index < 2 ? "1200" : "7700"), row("a13f1d", "CALM2", time, latitude + 0.4, "1200")];
    return JSON.stringify({ time, states });
  });
  return `${polls.join("\n")}\n`;
}

test("an emergency is told although it is filtered, and leads to its aircraft", async ({ page }, { project }) => {
  const folder = mkdtempSync(join(tmpdir(), "inflight-emergency-"));
  const file = join(folder, "emergency.jsonl");
  writeFileSync(file, recording());
  const server = await Server.launch({ args: ["--replay", file, "--speed", "10", "--no-loop"] });
  await page.goto(`${server.url}/?filterCallSign=NOBODY`);
  await expect(page.getByText("No aircraft fits the filters")).toBeVisible();
  const alarm = page.getByRole("alert").getByRole("button");
  await expect(alarm).toHaveText("MAYDAY1 · 7700 · emergency");
  await expectAccessible(page);

  const opener = page.locator("[data-opens=disruptions]");
  await expect(opener).toHaveText("1");
  await opener.click();
  const line = page.locator("#disruptions").getByRole("button", { name: /^Emergency · MAYDAY1/ });
  await expect(line).toContainText("Transponder code 7700");
  await expectAccessible(page);
  await line.click();
  const inspector = page.locator(".inspector");
  await expect(inspector).toHaveAttribute("data-hex", "a13f1c");
  // Nothing hides who is looked at; where there is no room for both, the list has made way.
  await expect(page.locator(".chips")).toBeEmpty();
  const list = page.locator("#disruptions");
  if (project.name === "phone") await expect(list).toBeHidden();
  else await page.keyboard.press("Escape");

  await page.getByRole("button", { name: "Clear the selection" }).click();
  await alarm.click();
  await expect(inspector).toHaveAttribute("data-hex", "a13f1c");
  await expectAccessible(page);
  await leave(page, server);
  rmSync(folder, { recursive: true });
});
