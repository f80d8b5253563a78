// The picture beyond the orbit: riding with an aircraft.

import { openSky, search, someLabel } from "../harness/sky.js";
import { expect, test } from "../harness/test.js";

test("a ride begins and ends at the globe, by key, button and address", async ({ page, server }) => {
  // Steps instead of frames, because painting is slow without a graphics card.
  await page.emulateMedia({ reducedMotion: "reduce" });
  await openSky(page, server.url);
  const { text, hex } = await someLabel(page);
  await search(page, text);
  await expect(page.locator(".inspector")).toHaveAttribute("data-hex", hex);
  const seat = () => new URL(page.url()).searchParams.get("view");
  const ride = page.getByRole("region", { name: "View from the aircraft" });
  await page.keyboard.press("x");
  await expect(ride).toContainText(text);
  await expect(page.locator(".inspector")).toBeHidden();
  await expect.poll(seat).toBe("cockpit");
  await expect(ride.locator(".tape-heading span")).toHaveText(/^\d{3}°$/);
  await page.keyboard.press("x");
  await expect(ride.getByRole("radio", { name: "Chase" })).toBeChecked();
  await page.keyboard.press("x");
  await expect.poll(seat).toBe("top");
  await page.reload();
  await expect(ride.getByRole("radio", { name: "Above" })).toBeChecked();
  await expect(ride.locator(".tape-heading span")).toHaveText(/^\d{3}°$/);
  await page.keyboard.press("Escape");
  await expect(ride).toBeHidden();
  await expect(page.locator(".inspector")).toHaveAttribute("data-hex", hex);
  await expect.poll(seat).toBe(null);
});
