// The Agents desk: a coordinator's day on a running server, from signing in to the audit trail.

import { Server, expect, expectAccessible, test } from "../harness/test.js";

async function openDesk(page, address) {
  await page.goto(address);
  const app = page.locator("#app");
  await expect(app).toHaveAttribute("data-hydrated", "true");
  await expect(app).toHaveAttribute("data-rows", "true");
  return app;
}

test("a coordinator asks, decides, looks how it came about, and finds it in the audit trail", async ({ page }, { project }) => {
  const isPhone = project.name !== "desktop";
  const environment = { JWT_SECRET: "0123456789abcdef0123456789abcdef" };
  const server = await Server.launch({ environment });
  try {
    const programs = [];
    page.on("request", (request) => request.url().endsWith(".wasm") && programs.push(new URL(request.url()).pathname));
    const key = await server.key("ana", "coordinator", "admin");
    await page.goto(`${server.url}/sign-in?to=/agents`);
    await page.getByLabel("Key or token").fill(key);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/agents\?business=example/);
    await expect(page.locator("#app")).toHaveAttribute("data-rows", "true");
    expect(programs).toEqual(["/pkg/agents.wasm"]);
    await expectAccessible(page);

    // A question is answered with its sources.
    await page.getByRole("button", { name: "Which gates are open?" }).click();
    const answer = page.locator(".message[data-from=agent]").last();
    await expect(answer).toContainText("B12", { timeout: 20_000 });
    await expect(answer.getByRole("link", { name: /Gate B12/ })).toBeVisible();
    await expectAccessible(page);

    // What changes something waits for a person.
    await page.locator("#composer").fill("Set gate B16 to open");
    await page.locator("#composer").press("Enter");
    await page.getByRole("link", { name: "Waiting for you", exact: true }).last().click();
    await expect(page).toHaveURL(/\/agents\/reviews\?business=example&id=/);
    await expect(page.locator("#detail .detail h2")).toContainText("B16");
    await expectAccessible(page);
    if (isPhone) await page.getByRole("button", { name: "Approve" }).click();
    else await page.keyboard.press("a");
    const undo = page.locator(".undo");
    await expect(undo).toContainText("Approved");
    if (isPhone) await undo.getByRole("button").click();
    else await page.keyboard.press("z");
    await expect(page.locator(".lines .line")).toHaveCount(1);
    await page.locator(".line-link").first().click();
    await page.getByRole("button", { name: "Approve" }).click();
    await expect(page.locator(".blank h2")).toHaveText("Nothing waits for you");
    await expect(undo).toBeHidden({ timeout: 15_000 });

    // How it came about: step by step, and again with the same result.
    await page.getByRole("link", { name: /^Runs/ }).click();
    await page.locator(".line-link").first().click();
    await expect(page.locator(".graph-node.visited, .graph-node.here").first()).toBeVisible();
    await page.getByRole("slider").focus();
    await page.keyboard.press("ArrowLeft");
    await expect(page).toHaveURL(/step=\d/);
    await page.getByRole("button", { name: "Replay and verify" }).click();
    await expect(page.locator(".note[data-tone=good]")).toContainText("came out the same");
    await expectAccessible(page);

    // The resource is what was approved, and the trail says who did.
    await openDesk(page, `${server.url}/agents/resources?id=gate-b16`);
    await expect(page.locator(".detail-title .pill")).toHaveText("open");
    await page.goto(`${server.url}/system?section=audit&action=agent_review_approved`);
    await expect(page.locator("#section-audit tbody")).toContainText("ana", { timeout: 20_000 });
  } finally {
    await page.goto("about:blank");
    await server.stop();
  }
});

test("schedules explain themselves and views have addresses", async ({ page, server }) => {
  for (const view of ["reviews", "runs", "cases", "schedules", "models", "resources"]) {
    await openDesk(page, `${server.url}/agents/${view}`);
    await expectAccessible(page);
  }
  await openDesk(page, `${server.url}/agents/schedules?id=morning-digest&lang=ro&theme=dark`);
  await expect(page.locator(".line-below").first()).toHaveText("La 06:00, de luni până vineri");
  await expect(page.locator(".moments tbody tr")).toHaveCount(5);
  await expectAccessible(page);
  await page.goBack();
});
