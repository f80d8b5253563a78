// Where a server asks who one is: in by a key, out when the key is revoked, and no try after try in between.

import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";

import { Server, expect, expectAccessible, test } from "../harness/test.js";

const ROOT = resolve(import.meta.dirname, "../../..");
const BINARY = process.env.INFLIGHT_BIN ?? join(ROOT, "target/debug/inflight");

test("people sign in, and a page whose key is revoked asks again", async ({ page, complaints }) => {
  complaints.expected.push(/401 \(Unauthorized\)/);
  const environment = { JWT_SECRET: "0123456789abcdef0123456789abcdef" };
  const server = await Server.launch({ args: ["--source", "sbs=127.0.0.1:1"], environment });
  try {
    const key = await server.key("ana", "trader");
    await page.goto(`${server.url}/?view=table`);
    await expect(page).toHaveURL(`${server.url}/sign-in?to=/%3Fview%3Dtable`);
    await expectAccessible(page);
    await page.getByLabel("Key or token").fill("ifk_wrong_key");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("alert")).toContainText("not known here");
    await expectAccessible(page);
    await page.getByLabel("Key or token").fill(key);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page).toHaveURL((url) => url.pathname === "/");
    await expect(page.locator("[data-hydrated=true]")).toBeAttached();
    await page.goto(`${server.url}/sign-in`);
    await expect(page.getByRole("heading")).toHaveText("Signed in as ana");
    await expectAccessible(page);
    await page.getByRole("link", { name: "Go on" }).click();
    await expect(page.locator("[data-hydrated=true]")).toBeAttached();
    // Whoever takes the key away closes the page's connection, and the page asks who one is.
    const env = { ...process.env, ...server.folders };
    execFileSync(BINARY, ["keys", "revoke", key.split("_")[1]], { cwd: ROOT, env });
    await expect(page).toHaveURL(/\/sign-in\?to=%2F/);
    await expect(page.getByLabel("Key or token")).toBeVisible();
  } finally {
    await server.stop();
  }
});
