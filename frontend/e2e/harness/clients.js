// Holds the independent clients to a running server: both languages rebuild the same table over every route.
// PYTHON names an interpreter with clients/requirements.txt; without one, Node's client stands alone.

import { spawnSync } from "node:child_process";
import { join } from "node:path";

import { DEFAULTS, run } from "../clients/client.mjs";
import { Server } from "./server.js";

const CLIENTS = join(import.meta.dirname, "../clients");
const ROUTES = [{}, { json: true }, { plain: true }, { plain: true, json: true }];
const python = process.env.PYTHON;

let failed = passes(process.execPath, ["--test", join(CLIENTS, "golden.test.mjs")]) ? 0 : 1;
const server = await Server.launch({ args: ["--speed", "20"] });
try {
  if (python) {
    failed += passes(python, ["-B", "-m", "unittest", "golden_test"]) ? 0 : 1;
    failed += passes(process.execPath, [join(CLIENTS, "compare.mjs"), server.url]) ? 0 : 1;
  } else {
    for (const route of ROUTES) failed += (await follows(route)) ? 0 : 1;
  }
} finally {
  await server.stop();
}
process.exit(failed ? 1 : 0);

function passes(command, words) {
  return spawnSync(command, words, { cwd: CLIENTS, stdio: "inherit", env: { ...process.env, PYTHON: python } }).status === 0;
}

/** One client, broken off once and resumed, until a digest proved its table. */
async function follows(route) {
  const name = JSON.stringify(route);
  try {
    const held = await run(server.url, { ...DEFAULTS, ...route, ticks: 12, drop: 4, digest: !route.plain });
    console.log(`ok ${name}: ${Object.keys(held).join(", ")}`);
    return true;
  } catch (violation) {
    console.error(`failed ${name}: ${violation}`);
    return false;
  }
}
