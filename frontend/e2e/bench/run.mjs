// node run.mjs [--aircraft 1000,10000,20000] [--seconds 20] [--recording FILE] [--only ours,globe.gl,deck.gl] [--json]
//   [--scenes plain,labels,trails,filter,table,statistics]
// CPU time of the page's main thread for each frame that drew, of our globe, globe.gl and deck.gl with the same traffic
// in one browser. It is the thread's own time from Chromium's trace (`tdur`), so that neither waiting for the graphics
// card nor what else runs on the machine counts. A frame is the whole task: scripts, style, layout, hand-over.
// Ours is the product as it is: `inflight serve` playing a recording, the page that it serves, the camera being dragged.

import { spawnSync } from "node:child_process";
import { createReadStream, createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { chromium } from "@playwright/test";

import { Server } from "../harness/server.js";
import { recording } from "./traffic.mjs";

const HERE = import.meta.dirname;
const POLLS = 4;
const POLL_S = 10;
const VIEWPORT = { width: 1024, height: 640 };
/** What a page does while it starts is told apart. */
const SETTLE_MS = 4000;
const PATIENCE_MS = 120_000;
const LONG_MS = 50;
/** Tasks with the processor time of their thread, animation frames, and the probe's marks. */
const CATEGORIES = ["toplevel", "devtools.timeline", "blink.user_timing"];
/** What is on besides the picture, as in an address or by hand. */
const SCENES = {
  plain: {},
  labels: { act: (page) => press(page, "o", "o") },
  trails: { act: (page) => press(page, "t") },
  filter: { query: `&filterCallSign=${encodeURIComponent("^[A-Z]+[0-9]*[13579] *$")}` },
  table: { query: "&table=1&sort=altitude-desc" },
  statistics: { act: (page) => named(page, "Statistics") },
};

const { values: options } = parseArgs({
  options: {
    aircraft: { type: "string", default: "1000,10000,20000" },
    seconds: { type: "string", default: "20" },
    recording: { type: "string" },
    only: { type: "string", default: "ours,globe.gl,deck.gl" },
    scenes: { type: "string", default: "plain" },
    json: { type: "boolean", default: false },
  },
});
const counts = options.recording ? [null] : options.aircraft.split(",").map(Number);
const only = options.only.split(",");

const folder = mkdtempSync(join(tmpdir(), "inflight-bench-"));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--disable-background-networking", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
});
const results = [];
try {
  for (const count of counts) {
    if (only.includes("ours")) for (const scene of options.scenes.split(",")) results.push(await ours(count, scene));
    for (const name of ["globe.gl", "deck.gl"].filter((name) => only.includes(name) && count)) results.push(await peer(name, count));
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
if (options.json) console.log(JSON.stringify({ browser: browser.version(), viewport: VIEWPORT, seconds: Number(options.seconds), results }));
else print(results);

/** Our globe. */
async function ours(count, scene) {
  const { query = "", act } = SCENES[scene];
  const file = options.recording ?? (await written(count));
  const server = await Server.launch({ args: ["--replay", file, "--speed", "1"] });
  try {
    return await measure("inflight", `${server.url}/?lat=20&lon=0&height=12000000${query}`, count, async (page) => {
      const app = page.locator("#app[data-globe=running]");
      await app.waitFor({ timeout: PATIENCE_MS });
      await page.waitForFunction((least) => Number(document.querySelector("#app").dataset.aircraft) >= least, count ?? 1, { timeout: PATIENCE_MS });
      await act?.(page);
      return Number(await app.getAttribute("data-aircraft"));
    }, scene);
  } finally {
    await server.stop();
  }
}

async function press(page, ...keys) {
  for (const key of keys) await page.keyboard.press(key);
}

/** By its name in the palette. */
async function named(page, name) {
  await press(page, "Control+k");
  await page.keyboard.type(name);
  await press(page, "Enter");
}

async function peer(name, count) {
  const { port, stop } = await host(name.replace(".", "-"));
  try {
    return await measure(name, `http://127.0.0.1:${port}/?aircraft=${count}`, count, async (page) => {
      await page.waitForFunction((all) => window.aircraft === all, count, { timeout: PATIENCE_MS });
      return count;
    });
  } finally {
    await stop();
  }
}

async function measure(name, url, count, ready, scene = "plain") {
  const page = await browser.newPage({ viewport: VIEWPORT });
  await page.addInitScript({ path: join(HERE, "probe.js") });
  try {
    await browser.startTracing(page, { categories: CATEGORIES });
    await page.goto(url, { timeout: PATIENCE_MS });
    const aircraft = await ready(page);
    await page.waitForTimeout(SETTLE_MS);
    const start = told(JSON.parse((await browser.stopTracing()).toString()));
    const mouse = name === "inflight" ? drag(page) : null;
    await browser.startTracing(page, { categories: CATEGORIES });
    await page.waitForTimeout(Number(options.seconds) * 1000);
    const steady = told(JSON.parse((await browser.stopTracing()).toString()));
    mouse?.stop();
    await mouse?.done;
    return {
      name,
      scene,
      aircraft,
      frames: steady.frames.length,
      frame_cpu_ms_median: quantile(steady.frames, 0.5),
      frame_cpu_ms_p95: quantile(steady.frames, 0.95),
      script_cpu_ms_median: quantile(steady.scripts, 0.5),
      script_cpu_ms_p95: quantile(steady.scripts, 0.95),
      main_thread_cpu_ms_per_s: Math.round(steady.tasks.reduce((sum, ms) => sum + ms, 0) / Number(options.seconds)),
      tasks_over_50_ms: steady.tasks.filter((ms) => ms > LONG_MS).length,
      longest_task_cpu_ms: Math.round(Math.max(0, ...steady.tasks)),
      start_tasks_over_50_ms: start.tasks.filter((ms) => ms > LONG_MS).length,
      start_longest_task_cpu_ms: Math.round(Math.max(0, ...start.tasks)),
    };
  } finally {
    await page.close();
  }
}

/** CPU milliseconds of the page's main thread in a trace: of frames that drew, of the scripts in them, of all tasks. */
function told({ traceEvents }) {
  const marks = traceEvents.filter((event) => event.name === "bench-drew");
  const main = marks[0] ?? traceEvents.find((event) => event.name === "FireAnimationFrame");
  const mine = (name) =>
    traceEvents.filter((event) => event.name === name && event.ph === "X" && event.tid === main?.tid && event.pid === main?.pid && event.tdur !== undefined);
  const tasks = mine("ThreadControllerImpl::RunTask");
  const inside = (span, event) => event.ts >= span.ts && event.ts <= span.ts + span.dur;
  const cpu = (spans) => spans.map((span) => span.tdur / 1000);
  const callbacks = mine("FireAnimationFrame");
  const drawing = tasks.filter((task) => marks.some((mark) => inside(task, mark)));
  const scripts = drawing.map((task) => callbacks.filter((callback) => inside(task, callback)).reduce((sum, callback) => sum + callback.tdur / 1000, 0));
  return { frames: cpu(drawing), scripts, tasks: cpu(tasks) };
}

/** Turns the globe to and fro, as a hand would; the peers turn by themselves. */
function drag(page) {
  let isOver = false;
  const { width, height } = VIEWPORT;
  const done = (async () => {
    await page.mouse.move(width / 2, height / 2);
    await page.mouse.down();
    for (let step = 0; !isOver; step += 1) {
      await page.mouse.move(width / 2 + 120 * Math.sin(step / 20), height / 2 + 30 * Math.sin(step / 33));
      await page.waitForTimeout(15);
    }
    await page.mouse.up();
  })();
  return { stop: () => (isOver = true), done };
}

async function written(count) {
  const path = join(folder, `${count}.jsonl`);
  const file = createWriteStream(path);
  for (const line of recording(count, POLLS, POLL_S)) if (!file.write(line)) await once(file, "drain");
  file.end();
  await once(file, "close");
  return path;
}

/** Serves one peer's page; its script is bundled with the packages of this folder, which are installed on first use. */
async function host(name) {
  if (!existsSync(join(HERE, "node_modules/esbuild"))) {
    const installed = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--silent"], { cwd: HERE, stdio: "inherit" });
    if (installed.status !== 0) throw new Error(`npm ci in ${HERE} failed`);
  }
  const { build } = await import("esbuild");
  const out = join(HERE, "node_modules/.bench", `${name}.js`);
  mkdirSync(join(out, ".."), { recursive: true });
  await build({ entryPoints: [join(HERE, `${name}.js`)], bundle: true, minify: true, format: "esm", outfile: out, logLevel: "error" });
  const html = `<!doctype html><title>${name}</title><style>html,body{margin:0;height:100%;overflow:hidden;background:#000}</style><script type="module" src="/page.js"></script>`;
  const server = createServer((request, response) => {
    if (request.url.startsWith("/page.js")) {
      response.setHeader("content-type", "text/javascript");
      createReadStream(out).pipe(response);
    } else {
      response.setHeader("content-type", "text/html");
      response.end(request.url.startsWith("/?") ? html : "");
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  return { port, stop: () => new Promise((done) => { server.close(done); server.closeAllConnections(); }) };
}

function quantile(values, share) {
  const sorted = values.toSorted((one, other) => one - other);
  const value = sorted[Math.round((sorted.length - 1) * share)];
  return value === undefined ? null : Math.round(value * 100) / 100;
}

function print(rows) {
  const { dependencies } = JSON.parse(readFileSync(join(HERE, "package.json"), "utf8"));
  console.log(`Chromium ${browser.version()}, globe.gl ${dependencies["globe.gl"]}, deck.gl ${dependencies["@deck.gl/core"]}, ${options.seconds} s each, ${VIEWPORT.width} x ${VIEWPORT.height}`);
  console.log("CPU ms of the main thread: frames that drew (whole, scripts only), per second, tasks over 50 ms while running and while starting\n");
  const cells = (row) => [
    row.name, row.scene, row.aircraft, row.frames, row.frame_cpu_ms_median, row.frame_cpu_ms_p95, row.script_cpu_ms_median, row.script_cpu_ms_p95,
    row.main_thread_cpu_ms_per_s, row.tasks_over_50_ms, row.longest_task_cpu_ms, row.start_tasks_over_50_ms, row.start_longest_task_cpu_ms,
  ];
  const head = ["", "scene", "aircraft", "frames", "frame", "p95", "script", "p95", "per s", ">50 ms", "longest", "start >50", "longest"];
  for (const line of [head, ...rows.map(cells)]) console.log(line.map((cell, index) => (index < 2 ? String(cell).padEnd(10) : String(cell ?? "-").padStart(10))).join(""));
}
