// Runs the Node and the Python client over every route against one server and compares the tables that they rebuilt.
// node compare.mjs URL [--ticks N] [--speed X]; PYTHON names an interpreter that has requirements.txt (python3).

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual, parseArgs } from "node:util";

import { Link, replayRow } from "./link.mjs";

const CLIENTS = {
  node: [process.execPath, fileURLToPath(new URL("client.mjs", import.meta.url))],
  python: [process.env.PYTHON ?? "python3", "-B", fileURLToPath(new URL("client.py", import.meta.url))],
};
const ROUTES = { msgpack: [], deflate: ["--deflate"], json: ["--json"], "plain msgpack": ["--plain"], "plain json": ["--plain", "--json"] };
const SETTLE_S = 2;
const TIMEOUT_S = 120;

const { values: options, positionals: [url] } = parseArgs({
  allowPositionals: true,
  options: { ticks: { type: "string", default: "12" }, speed: { type: "string", default: "20" } },
});
const score = { passed: 0, failed: 0 };

if (!url) {
  console.error("node compare.mjs URL [--ticks N] [--speed X]");
  process.exit(2);
}
await main();
console.log(`${score.passed} passed, ${score.failed} failed`);
process.exitCode = score.failed > 0 ? 1 : 0;

async function main() {
  const replay = await replayRow(url);
  const canPause = replay?.controllable === true;
  console.log(canPause ? `recording ${replay.recording} at ${replay.speed}x` : "the source cannot be paused: only equal cuts are compared");
  const control = await Link.open(url);
  let results;
  try {
    results = await collect(canPause ? control : null);
  } finally {
    if (canPause) await restore(control, replay);
    await control.close();
  }
  compareAll(results, canPause);
}

/** Lets one client a route follow the moving server, broken once and resumed; stops the server; lets others start on the stopped one. */
async function collect(control) {
  if (control) {
    await control.command({ action: "speed", value: Number(options.speed) });
    await control.command({ action: "play" });
  }
  const ticks = Number(options.ticks);
  const follow = ["--ticks", String(ticks), "--drop", String(Math.ceil(ticks / 3)), "--away", "1.5"];
  const settle = control ? ["--settle", String(SETTLE_S)] : [];
  const followers = everyRoute("followed", (route) => [...follow, ...settle, ...(["msgpack", "deflate"].includes(route) ? ["--digest"] : [])]);
  if (!control) return Promise.all(followers.map((follower) => follower.result));
  await Promise.all(followers.map((follower) => follower.ready));
  await control.command({ action: "pause" });
  const followed = await Promise.all(followers.map((follower) => follower.result));
  const late = await Promise.all(everyRoute("started", () => settle).map((starter) => starter.result));
  return [...followed, ...late];
}

async function restore(control, { speed, paused }) {
  await control.command({ action: "speed", value: speed });
  await control.command({ action: paused ? "pause" : "play" });
}

function everyRoute(how, flagsOf) {
  return Object.entries(CLIENTS).flatMap(([language, command]) =>
    Object.entries(ROUTES).map(([route, flags]) => start(`${language} ${route} ${how}`, [...command, url, "--timeout", String(TIMEOUT_S), ...flags, ...flagsOf(route)])),
  );
}

/** Starts one client; `ready` and `result` never reject, so that one failure hides no other. */
function start(name, [program, ...flags]) {
  const child = spawn(program, flags, { stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (said += text));
  const result = new Promise((resolve) => {
    child.on("error", (error) => resolve({ name, error: error.message }));
    child.on("close", (code) => resolve(code === 0 ? { name, ...JSON.parse(out) } : { name, error: said.replace(/^ready\n/, "").trim() }));
  });
  const ready = new Promise((resolve) => {
    child.stderr.on("data", () => said.includes("ready") && resolve());
    child.on("close", resolve);
    child.on("error", resolve);
  });
  return { ready, result };
}

function compareAll(results, canPause) {
  const [first, ...others] = results;
  for (const result of results) {
    const how = `${result.ticks} ticks, resumed by ${result.resumed ?? "nothing"}, ${result.digests_verified} digests`;
    verdict(!result.error, result.name, result.error ?? `${result.epoch}:${result.cut}, ${result.count} aircraft, ${how}`);
  }
  for (const other of others) {
    if (first.error || other.error) continue;
    compare(first, other, canPause);
  }
}

// A delta of the plain feed comes only with aircraft, so its cut may lag where nothing but `system` has changed since:
// two clients can be compared where the spans in which their aircraft stood as they do now have a cut in common.
function compare(first, other, canPause) {
  const name = `${first.name} = ${other.name}`;
  const places = [first, other].map(({ epoch, cut }) => `${epoch}:${cut}`);
  const haveMet = first.epoch === other.epoch && Math.max(first.flights_cut, other.flights_cut) <= Math.min(first.cut, other.cut);
  if (!haveMet) {
    if (canPause) verdict(false, name, `stand at ${places.join(" and ")}`);
    else console.log(`skip ${name}: ${places.join(" and ")}`);
    return;
  }
  const different = Object.keys({ ...first.flights, ...other.flights }).filter((key) => !isDeepStrictEqual(first.flights[key], other.flights[key]));
  const [example] = different;
  const shown = example ? ` such as ${JSON.stringify(first.flights[example])} and ${JSON.stringify(other.flights[example])}` : "";
  const digests = [first, other].flatMap(digestsAt);
  const areDigestsEqual = new Set(digests).size <= 1;
  const said = digests.length > 1 ? `, digest ${[...new Set(digests)].join(" and ")}` : "";
  verdict(different.length === 0 && areDigestsEqual, name, `at ${places[1]}, ${other.count} aircraft, ${different.length} different${shown}${said}`);
}

/** The digest that a client computed, and the one that it was told of the aircraft it holds. */
function digestsAt({ epoch, digest, said, flights_cut: since }) {
  const told = said && said.epoch === epoch && said.cut >= since ? [said.flights] : [];
  return digest === null ? told : [digest, ...told];
}

function verdict(isRight, name, detail) {
  score[isRight ? "passed" : "failed"] += 1;
  console.log(`${isRight ? "ok  " : "FAIL"} ${name}: ${detail}`);
}
