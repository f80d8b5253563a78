// Two profiles of one browser; each test worker starts its own server (harness/test.js).

import { defineConfig, devices } from "@playwright/test";

const isRoot = process.getuid?.() === 0;

export default defineConfig({
  testDir: "specs",
  outputDir: "results",
  snapshotPathTemplate: "pictures/{projectName}/{arg}{ext}",
  // WebGL is drawn on the CPU here: two pages at once are slower than one after the other.
  workers: 1,
  forbidOnly: true,
  // One slow moment of a shared machine is told as "flaky" and turns nothing red; what fails twice does.
  retries: 1,
  // Nothing takes this long unless it is broken, however slow the machine.
  timeout: 180_000,
  expect: { timeout: 45_000 },
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    locale: "en-GB",
    timezoneId: "UTC",
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: ["--disable-background-networking", ...(isRoot ? ["--no-sandbox"] : [])],
    },
  },
  projects: [
    {
      name: "desktop",
      use: { ...devices["Desktop Chrome"], viewport: { width: 1280, height: 800 }, locale: "en-GB" },
    },
    { name: "phone", use: { ...devices["Pixel 7"], locale: "en-GB" } },
  ],
});
