// Still pictures in both themes: the recording stands at its first poll, so that every run draws the same.

import { expect, Server, test } from "../harness/test.js";

const VIEWS = {
  region: "",
  globe: "&lat=40.7&lon=-74&height=12000000",
  tilted: "&lat=40.65&lon=-73.9&height=30000&heading=30&tilt=60",
};

for (const theme of ["dark", "light"]) {
  test(`still frames in the ${theme} theme`, async ({ page }) => {
    test.slow();
    const server = await Server.launch({ args: ["--start-paused"] });
    for (const [name, camera] of Object.entries(VIEWS)) {
      await page.goto(`${server.url}/?still=1&theme=${theme}${camera}`);
      await expect(page.locator("body")).toHaveAttribute("data-still", "done");
      await expect(page).toHaveScreenshot(`${name}-${theme}.png`, { maxDiffPixelRatio: 0.02 });
    }
    await server.stop();
  });
}
