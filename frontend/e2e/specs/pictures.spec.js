// Still pictures in both themes: the recording stands at its first poll, so that two visits draw the same bytes.
// They are kept in results/ to be looked at; across machines fonts and drivers differ, so none is compared there.

import { expect, Server, test } from "../harness/test.js";

const VIEWS = {
  region: "",
  globe: "&lat=40.7&lon=-74&height=12000000",
  tilted: "&lat=40.65&lon=-73.9&height=30000&heading=30&tilt=60",
};

test("still frames are the same on each visit and differ by view and theme", async ({ page }, info) => {
  test.setTimeout(240_000);
  const server = await Server.launch({ args: ["--start-paused"] });
  const picture = async (name, theme) => {
    await page.goto(`${server.url}/?still=1&theme=${theme}${VIEWS[name]}`);
    await expect(page.locator("body")).toHaveAttribute("data-still", "done");
    await page.evaluate(() => document.fonts.ready);
    return page.locator("#globe").screenshot({ path: info.outputPath(`${name}-${theme}.png`) });
  };
  const seen = [];
  for (const theme of ["dark", "light"]) {
    for (const name of Object.keys(VIEWS)) seen.push((await picture(name, theme)).toString("base64"));
  }
  expect(new Set(seen).size, "every view and theme is a picture of its own").toBe(seen.length);
  expect((await picture("region", "dark")).toString("base64"), "a second visit draws the same").toBe(seen[0]);
  await server.stop();
});
