// Steps on the Sky desk that several specs take.

import { gzipSync } from "node:zlib";

import { expect } from "./test.js";

/** Opens the desk and waits until it is awake, the globe runs and aircraft are on it. */
export async function openSky(page, address) {
  await page.goto(address);
  const app = page.locator("#app");
  await expect(app).toHaveAttribute("data-hydrated", "true");
  await expect(app).toHaveAttribute("data-globe", "running");
  await expect.poll(async () => Number(await app.getAttribute("data-aircraft"))).toBeGreaterThan(50);
  return app;
}

/** The labels on the globe: address, text and place in CSS pixels, those that are fading away left out. */
export async function labels(page) {
  return page.locator(".labels .label:not(.is-leaving)").evaluateAll((elements) =>
    elements.map((element) => ({
      hex: element.dataset.hex,
      text: element.textContent,
      x: Number(element.dataset.x),
      y: Number(element.dataset.y),
    })),
  );
}

/** Waits for labels and returns one. */
export async function someLabel(page) {
  await expect.poll(async () => (await labels(page)).length).toBeGreaterThan(2);
  return (await labels(page))[0];
}

/** Searches for a callsign and takes the first result. */
export async function search(page, callsign) {
  await page.locator("#search").fill(callsign);
  await expect(page.getByRole("option").first()).toContainText(callsign);
  await page.locator("#search").press("Enter");
}

/** Leaves the page before its server ends: what it asks for until then would be refused and complained about. */
export async function leave(page, server) {
  await page.goto("about:blank");
  await server.stop();
}

/** Six polls of one aircraft that flies north. */
export function recording({ squawk = "1200" } = {}) {
  const poll = (index) => {
    const time = 1_700_000_000 + index * 10;
    const latitude = (40 + index * 0.01).toFixed(4);
    const row = ["a13f1c", "DROPPED ", "X", time, time, -74, Number(latitude), 3000, false, 111, 0, 0, null, 3000, squawk, false, 0];
    return JSON.stringify({ time, states: [row] });
  };
  return Array.from({ length: 6 }, (_, index) => `${poll(index)}\n`);
}

/** Drops a recording on the page. Each line is a gzip member of its own, as the recorder writes them. */
export async function dropRecording(page, lines) {
  const packed = Buffer.concat(lines.map((line) => gzipSync(line)));
  await page.evaluate((bytes) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], "mine.jsonl.gz"));
    window.dispatchEvent(new DragEvent("dragover", { dataTransfer: data, cancelable: true }));
    window.dispatchEvent(new DragEvent("drop", { dataTransfer: data, cancelable: true }));
  }, [...packed]);
}
