// The `test` of every spec: a running server per worker, and a page that may neither complain nor call outside.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { test as base, expect } from "@playwright/test";

import { launchModel, Server, serveDemo } from "./server.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What Chromium says about itself, not about the page. */
const NOT_OURS = [/GL Driver Message/, /GPU stall due to ReadPixels/, /Automatic fallback to software WebGL/];

export const test = base.extend({
  /** One server for all tests of a worker that do not stop it; it plays the bundled recording. */
  server: [
    async ({}, use) => {
      const server = await Server.launch();
      await use(server);
      await server.stop();
    },
    { scope: "worker" },
  ],

  /** A server of its own, for a test that stops it. */
  ownServer: async ({}, use) => {
    const server = await Server.launch();
    await use(server);
    await server.remove();
  },

  /** The static demo on a host of static files, below a path. */
  demo: [
    async ({}, use) => {
      const host = await serveDemo();
      await use(host);
      host.close();
    },
    { scope: "worker" },
  ],

  /** Errors and warnings that a test expects, as patterns: `complaints.expected.push(/…/)`. */
  complaints: async ({}, use) => {
    const complaints = { seen: [], expected: [...NOT_OURS] };
    await use(complaints);
    const unexpected = complaints.seen.filter((text) => !complaints.expected.some((pattern) => pattern.test(text)));
    expect(unexpected, "the page complained").toEqual([]);
  },

  page: async ({ page, complaints }, use) => {
    page.on("console", (message) => {
      if (!["error", "warning"].includes(message.type())) return;
      complaints.seen.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => complaints.seen.push(`uncaught: ${error}`));
    page.on("request", (request) => {
      const { protocol, hostname } = new URL(request.url());
      const isHere = hostname === "127.0.0.1" || ["data:", "blob:"].includes(protocol);
      if (!isHere) complaints.seen.push(`a request left the machine: ${request.url()}`);
    });
    await use(page);
  },
});

/** Fails with each violation of WCAG 2.2 AA that axe finds, and where. */
export async function expectAccessible(page) {
  // Through the debugger: the page's own policy rightly refuses foreign scripts.
  await page.evaluate(AXE);
  const violations = await page.evaluate(async (tags) => {
    const results = await globalThis.axe.run(document, { runOnly: tags });
    return results.violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.target).join(", ")}`);
  }, AXE_TAGS);
  expect(violations).toEqual([]);
}

export { expect, launchModel, Server };
