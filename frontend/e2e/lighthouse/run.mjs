// Lighthouse as on a phone, five times each over the Sky desk and the demo, and the median of each score.
//   npm ci --prefix frontend/e2e/lighthouse && node frontend/e2e/lighthouse/run.mjs [--runs N] [--json]
// The server is the release binary (INFLIGHT_BIN says another), and the globe stands still, as SwiftShader would
// otherwise count as our own work.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import lighthouse from "lighthouse";

const ROOT = resolve(import.meta.dirname, "../../..");
process.env.INFLIGHT_BIN ??= join(ROOT, "target/release/inflight");
const { Server, serveDemo } = await import("../harness/server.js");

const CATEGORIES = ["performance", "accessibility", "best-practices"];
const RUNS = Number(argument("--runs") ?? 5);

const server = await Server.launch();
// As hosts of static files do.
const demo = await serveDemo("/", { compressed: true });
const profile = mkdtempSync(join(tmpdir(), "inflight-lighthouse-"));
const { chromium, port } = await browser();
const table = {};
try {
  for (const [name, url] of Object.entries({ desk: `${server.url}/?still=1`, demo: `${demo.url}?still=1` })) {
    // The first visit fills what the host packs; it is not counted.
    await fetch(url);
    const reports = [];
    for (let run = 0; run < RUNS; run += 1) {
      const { lhr } = await lighthouse(url, { port, onlyCategories: CATEGORIES, logLevel: "error" });
      reports.push(lhr);
    }
    table[name] = summary(reports);
  }
} finally {
  const ended = new Promise((done) => chromium.once("exit", done));
  chromium.kill();
  await ended;
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  demo.close();
  await server.stop();
}
if (process.argv.includes("--json")) console.log(JSON.stringify(table, null, 2));
else console.table(Object.fromEntries(Object.entries(table).map(([name, { failing, ...row }]) => [name, row])));
for (const [name, { failing }] of Object.entries(table)) for (const line of failing) console.log(`${name}: ${line}`);

function argument(name) {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}

async function browser() {
  const isRoot = process.getuid?.() === 0;
  const flags = ["--headless=new", "--disable-background-networking", "--no-first-run", ...(isRoot ? ["--no-sandbox"] : [])];
  const path = process.env.CHROMIUM ?? "/usr/bin/chromium";
  const child = spawn(path, [...flags, "--remote-debugging-port=0", `--user-data-dir=${profile}`], { stdio: "ignore" });
  // It writes down which port it took.
  const told = join(profile, "DevToolsActivePort");
  const line = () => (existsSync(told) ? readFileSync(told, "utf8").split("\n") : [])[0];
  const isUp = () => fetch(`http://127.0.0.1:${line()}/json/version`).then((answer) => answer.ok, () => false);
  while (!line() || !(await isUp())) {
    if (child.exitCode !== null) throw new Error(`${path} ended with ${child.exitCode}`);
    await new Promise((done) => setTimeout(done, 50));
  }
  return { chromium: child, port: Number(line()) };
}

function summary(reports) {
  const row = {};
  for (const category of CATEGORIES) row[category] = median(reports.map((report) => report.categories[category].score * 100));
  for (const audit of ["first-contentful-paint", "largest-contentful-paint", "total-blocking-time", "speed-index"]) {
    row[`${audit}-ms`] = Math.round(median(reports.map((report) => report.audits[audit].numericValue)));
  }
  row["cumulative-layout-shift"] = median(reports.map((report) => report.audits["cumulative-layout-shift"].numericValue));
  const [last] = reports.slice(-1);
  const scored = CATEGORIES.flatMap((category) => last.categories[category].auditRefs).filter(({ weight }) => weight > 0);
  const audits = [...new Set(scored.map(({ id }) => last.audits[id]))];
  row.failing = audits.filter(({ score }) => score !== null && score < 0.9).map(({ id, title, displayValue }) => `${id}: ${title} ${displayValue ?? ""}`);
  return row;
}

function median(numbers) {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}
