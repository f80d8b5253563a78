// No violation of WCAG 2.2 AA in any state of the desk, in both themes.

import { labels, openSky, search, someLabel } from "../harness/sky.js";
import { expect, expectAccessible, test } from "../harness/test.js";

const PANELS = ["sources", "settings", "keys", "filters", "statistics", "disruptions"];

for (const theme of ["dark", "light"]) {
  test(`every state is accessible in the ${theme} theme`, async ({ page, server }) => {
    test.slow();
    await openSky(page, `${server.url}/?theme=${theme}`);
    await expectAccessible(page);

    const { text } = await someLabel(page);
    await search(page, text);
    await expect(page.locator(".inspector")).toBeVisible();
    await expectAccessible(page);

    for (const panel of PANELS) {
      const opener = page.locator(`[data-opens=${panel}]:visible`);
      // Phones have no list of keys.
      if ((await opener.count()) === 0) continue;
      await opener.first().click();
      await expect(page.locator(`#${panel}`)).toBeFocused();
      if (panel === "filters") await page.locator("#filterCallSign").fill("^(");
      await expectAccessible(page);
      await page.keyboard.press("Escape");
    }

    await page.locator("#search").fill("ex");
    await expect(page.getByRole("option").first()).toBeVisible();
    await expectAccessible(page);

    const [one, other] = await labels(page);
    await openSky(page, `${server.url}/?theme=${theme}&table=1&rings=40.6,-73.8&icao=${one.hex},${other.hex}&filterAltMax=60000`);
    await expect(page.locator("tr.row").first()).toBeVisible();
    await expectAccessible(page);
  });

  test(`riding is accessible in the ${theme} theme`, async ({ page, server }) => {
    await page.emulateMedia({ reducedMotion: "reduce" });
    await openSky(page, `${server.url}/?theme=${theme}`);
    const { hex } = await someLabel(page);
    await page.goto(`${server.url}/?theme=${theme}&icao=${hex}&view=cockpit`);
    await expect(page.getByRole("radio", { name: "Cockpit" })).toBeChecked();
    await expect(page.locator(".tape-heading span")).toHaveText(/^\d{3}°$/);
    await expectAccessible(page);
  });
}
