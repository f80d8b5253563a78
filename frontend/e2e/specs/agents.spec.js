// The Agents desk: a coordinator's day on a running server, from signing in to the audit trail.

import { Server, expect, expectAccessible, launchModel, test } from "../harness/test.js";

/** Sky's news of an aircraft that calls for help. */
function emergency() {
  const began = 1_700_000_000;
  const disruption = { id: `a13f1c/emergency/${began}`, kind: "emergency", icao24: "a13f1c", callsign: "ROT381", began, last_seen: began + 60 };
  Object.assign(disruption, { severity: "alarm", confidence_pct: 100, airport: "LROP", evidence: { squawk: 7700 } });
  const about = { id: "rot381", source: "external_api", businessId: "example", type: "webhook" };
  return { ...about, content: { data: { disruption } }, timestamp: new Date().toISOString() };
}

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
    await expect(answer).toContainText("B12");
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
    // On second thoughts it is approved with an edit.
    await page.locator(".line-link").first().click();
    await page.getByRole("button", { name: /^Edit/ }).click();
    await page.getByRole("textbox", { name: "status" }).fill("occupied");
    await expect(page.locator(".changes")).toContainText("occupied");
    await expectAccessible(page);
    await page.getByRole("button", { name: "Approve with edits" }).click();
    await expect(page.locator(".blank h2")).toHaveText("Nothing waits for you");
    await expect(undo).toBeHidden();

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

    // What was decided is found again by its words, and leads back to the run.
    await page.getByRole("link", { name: "Runs" }).first().click();
    await page.getByRole("link", { name: "Decisions", exact: true }).click();
    await page.getByLabel("Find").fill("gate b16 open");
    await page.getByLabel("Outcome").selectOption("done");
    await page.locator(".line-link", { hasText: "Set gate B16 to open" }).click();
    await expect(page).toHaveURL(/\/agents\/runs\/run-.*show=decisions.*outcome=done/);
    await expect(page.locator(".detail-title .pill")).toHaveText("Done");
    await expectAccessible(page);

    // A case comes with what the watcher proposes, waits for a person, who then looks after it and closes it.
    const news = { headers: { authorization: `Bearer ${key}` }, data: emergency() };
    expect((await page.request.post(`${server.url}/api/v1/inputs`, news)).status()).toBe(202);
    await page.getByRole("link", { name: /^Cases/ }).click();
    await page.locator(".line-link", { hasText: "ROT381" }).click();
    await page.getByRole("link", { name: "Decide this" }).click();
    await page.getByRole("button", { name: "Approve" }).click();
    await expect(undo).toContainText("Approved");
    await page.getByRole("link", { name: /^Cases/ }).click();
    await page.locator(".line-link", { hasText: "ROT381" }).click();
    await page.getByRole("button", { name: "Look after it" }).click();
    await expect(page.locator(".fact", { hasText: "Looked after by" })).toContainText("ana");
    await page.getByLabel("New note").fill("Landed, all well");
    await expectAccessible(page);
    await page.getByRole("button", { name: "Close the case" }).click();
    await expect(page.locator(".detail .plain-list li").first()).toContainText("closed it Landed, all well");
    await expect(page.getByRole("button", { name: "Reopen" })).toBeVisible();

    // The digest is paused, goes on, and runs now.
    await openDesk(page, `${server.url}/agents/schedules?id=morning-digest`);
    await page.getByRole("button", { name: "Pause" }).click();
    await expect(page.locator(".detail-title .pill")).toHaveText("Paused");
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByRole("button", { name: "Run now" }).click();
    await expect(page.locator(".fact", { hasText: "How it ended" })).toContainText("Done");

    // A message model gets another version, shown in both languages before it is kept.
    await openDesk(page, `${server.url}/agents/models?id=assistant-help`);
    await page.locator("#f-messageTemplate").fill("Ask about gates, crews or cases.");
    for (const language of ["en", "ro"]) await expect(page.locator(`.preview-text[lang=${language}]`)).toHaveText("Ask about gates, crews or cases.");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.locator(".versions li")).toHaveCount(3);
    await page.locator(".versions a").last().click();
    await expect(page.locator(".diff ins")).toHaveText("Ask about gates, crews or cases.");
    await expectAccessible(page);

    // The resource is what was approved, and the trail says who did all of it.
    await openDesk(page, `${server.url}/agents/resources?id=gate-b16`);
    await expect(page.locator(".detail-title .pill")).toHaveText("occupied");
    const trail = await (await page.request.get(`${server.url}/api/v1/audit?limit=100`)).json();
    const done = new Set(JSON.stringify(trail).match(/agent_[a-z_]+/g));
    const acts = ["message", "input", "review_approved", "review_undone", "schedule_paused", "schedule_resumed", "schedule_run", "model_changed", "case_taken", "case_closed"];
    expect([...done]).toEqual(expect.arrayContaining(acts.map((act) => `agent_${act}`)));
    await page.goto(`${server.url}/system?section=audit&action=agent_review_approved`);
    await expect(page.locator("#section-audit tbody")).toContainText("ana");
  } finally {
    await page.goto("about:blank");
    await server.stop();
  }
});

test("schedules explain themselves and views have addresses", async ({ page, server }) => {
  for (const view of ["reviews", "runs", "cases", "schedules", "models", "resources", "business"]) {
    await openDesk(page, `${server.url}/agents/${view}`);
    await expectAccessible(page);
  }
  await openDesk(page, `${server.url}/agents/schedules?id=morning-digest&lang=ro&theme=dark`);
  await expect(page.locator(".line-below").first()).toHaveText("La 06:00, de luni până vineri");
  await expect(page.locator(".moments tbody tr")).toHaveCount(5);
  await expectAccessible(page);
  await page.goBack();
});

test("an admin makes the first business", async ({ page }) => {
  const environment = { JWT_SECRET: "0123456789abcdef0123456789abcdef", AGENTS_EXAMPLE: "false" };
  const server = await Server.launch({ environment });
  try {
    const key = await server.key("ana", "coordinator", "admin");
    await page.goto(`${server.url}/sign-in?to=/agents`);
    await page.getByLabel("Key or token").fill(key);
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "Make the first business" }).focus();
    await expectAccessible(page);
    await page.keyboard.press("Enter");
    await page.locator("#f-id").fill("carpat");
    await page.locator("#f-name").fill("Carpat Air");
    await page.locator("#f-type").fill("airline");
    await page.getByRole("button", { name: "Add location" }).click();
    await expect(page.locator("#f-0-locationId")).toBeFocused();
    await page.keyboard.type("LROP");
    await page.locator("#f-confidenceMin").fill("7");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.locator(".field-error")).toHaveText("A number from 0 to 1 is expected");
    await page.locator("#f-confidenceMin").fill("0.7");
    await expectAccessible(page);
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page).toHaveURL(/\/agents\/business\?business=carpat$/);
    await expect(page.locator("#f-0-locationId")).toHaveValue("LROP");
  } finally {
    await page.goto("about:blank");
    await server.stop();
  }
});

test("several are decided together, by keys and by pointer, and taken back", async ({ page }, { project }) => {
  test.skip(project.name !== "desktop", "there are no keys on a phone");
  const server = await Server.launch();
  try {
    for (const gate of ["B12", "B14", "C3"]) {
      const data = { businessId: "example", text: `Set gate ${gate} to closed` };
      expect((await page.request.post(`${server.url}/api/v1/agents/messages`, { data })).ok()).toBe(true);
    }
    await openDesk(page, `${server.url}/agents/reviews`);
    const lines = page.locator(".lines .line");
    await expect(lines).toHaveCount(3);
    // By keys: two are marked and approved, then taken back.
    for (const key of ["j", "x", "j", "x"]) await page.keyboard.press(key);
    await expect(page.locator(".batch-count")).toHaveText("2 marked");
    await page.getByRole("button", { name: "Approve marked" }).focus();
    await page.keyboard.press("Enter");
    await expect(page.locator(".undo")).toContainText("2 approved");
    await expect(lines).toHaveCount(1);
    await page.keyboard.press("z");
    await expect(lines).toHaveCount(3);
    // By pointer: all are rejected with one reason.
    await page.getByRole("button", { name: "Mark all or none" }).click();
    await page.getByRole("button", { name: "Reject marked" }).click();
    await page.locator("#marked-reason").fill("The gates are needed tonight");
    await page.locator(".batch").getByRole("button", { name: "Reject", exact: true }).click();
    await expect(page.locator(".undo")).toContainText("3 rejected");
    await expect(lines).toHaveCount(0);
    await expectAccessible(page);
  } finally {
    await page.goto("about:blank");
    await server.stop();
  }
});

test("an answer is seen while it is written, and rules answer when the model goes away", async ({ page }, { project }) => {
  test.skip(project.name !== "desktop", "the same on a phone");
  const model = await launchModel(120);
  // A business of its own: an example asks no model.
  const environment = { JWT_SECRET: "0123456789abcdef0123456789abcdef", AGENTS_EXAMPLE: "false" };
  Object.assign(environment, { OPENAI_API_KEY: "sk-any", REASONER: "realtime", OPENAI_REALTIME_URL: model.url, MAX_RETRIES: "0" });
  const server = await Server.launch({ environment });
  try {
    const key = await server.key("ana", "coordinator", "admin");
    const put = async (path, body) => {
      const headers = { authorization: `Bearer ${key}` };
      const answer = await fetch(`${server.url}/api/v1/agents/${path}`, { method: "PUT", headers, body: JSON.stringify(body) });
      expect(answer.status).toBe(201);
    };
    await put("businesses/carpat", { name: "Carpat Air", type: "airline" });
    await put("resources", { business: "carpat", id: "gate-b12", type: "gate", name: "Gate B12", status: "open" });
    await page.goto(`${server.url}/sign-in?to=/agents`);
    await page.getByLabel("Key or token").fill(key);
    await page.keyboard.press("Enter");
    const reasoner = page.locator(".reasoner");
    // Nobody was asked yet.
    await expect(reasoner).toHaveAttribute("data-tone", "quiet");
    const composer = page.locator("#composer");
    const say = async (words) => {
      await composer.fill(words);
      await composer.press("Enter");
    };
    // Whoever asks the page now and then may miss what was there in between.
    await page.evaluate(() => {
      globalThis.seen = [];
      const look = () => {
        const written = document.querySelector(".message[data-writing] .message-text")?.textContent;
        if (written && written !== globalThis.seen.at(-1)) globalThis.seen.push(written);
      };
      new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
    });
    await say("unclear whether the coffee on board is still warm enough for all of them");
    const written = page.locator(".message[data-writing] .message-text");
    const answer = page.locator(".message[data-from=agent]:not([data-writing])").last();
    await expect(answer).toContainText("enough for all of them");
    await expect(written).toHaveCount(0);
    const seen = await page.evaluate(() => globalThis.seen);
    expect(seen[0]).toContain("echo:");
    expect(seen.length, "it grew").toBeGreaterThan(1);
    for (const [index, words] of seen.slice(1).entries()) expect(words.startsWith(seen[index])).toBe(true);
    await expect(reasoner).toHaveAttribute("data-tone", "good");

    await model.kill();
    // What is marked sensitive is sealed: rooms hear only that there is something, and whoever may see it asks for it.
    await page.getByLabel("Sensitive").check();
    await say("Which gates are open?");
    const own = page.locator(".message[data-from=user]").last();
    await expect(own).toContainText("Which gates are open?");
    await expect(own).toContainText("Sensitive");
    await expect(answer).toContainText("•••");
    await expectAccessible(page);
    await answer.getByRole("button", { name: "Show" }).click();
    await expect(answer).toContainText("B12");
    await expect(reasoner).toHaveAttribute("data-tone", "attention");
    await reasoner.locator("summary").click();
    await expect(reasoner).toContainText("Degraded to local rules");
    await expectAccessible(page);
    await answer.getByRole("link", { name: "How this came about" }).click();
    await expect(page.locator(".note", { hasText: "Degraded:" })).toBeVisible();
  } finally {
    await page.goto("about:blank");
    await server.stop();
    await model.kill();
  }
});
