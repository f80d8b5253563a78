// No violation of WCAG 2.2 AA in any state of the desk, in both themes.

import { openSky, search, someLabel } from "../harness/sky.js";
import { expect, expectAccessible, test } from "../harness/test.js";

for (const theme of ["dark", "light"]) {
  test(`every state is accessible in the ${theme} theme`, async ({ page, server }) => {
    test.slow();
    await openSky(page, `${server.url}/?theme=${theme}`);
    await expectAccessible(page);

    const { text } = await someLabel(page);
    await search(page, text);
    await expect(page.locator(".inspector")).toBeVisible();
    await expectAccessible(page);

    for (const panel of ["sources", "settings", "keys"]) {
      const opener = page.locator(`[data-opens=${panel}]:visible`);
      // Phones have no list of keys.
      if ((await opener.count()) === 0) continue;
      await opener.first().click();
      await expectAccessible(page);
      await page.keyboard.press("Escape");
    }

    await openSky(page, `${server.url}/?theme=${theme}&table=1`);
    await expect(page.locator("tr.row").first()).toBeVisible();
    await expectAccessible(page);
  });
}
