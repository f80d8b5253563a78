// Holds the independent clients to a running server: both languages rebuild the same table over every route.
// PYTHON names an interpreter with clients/requirements.txt; without one, Node's client stands alone.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import { DEFAULTS, run } from "../clients/client.mjs";
import { Server } from "./server.js";

const CLIENTS = join(import.meta.dirname, "../clients");
const ROUTES = [{}, { deflate: true }, { json: true }, { plain: true }, { plain: true, json: true }];
const python = process.env.PYTHON;

let failed = (await passes(process.execPath, ["--test", join(CLIENTS, "golden.test.mjs")])) ? 0 : 1;
const server = await Server.launch({ args: ["--speed", "20"] });
try {
  if (python) {
    failed += (await passes(python, ["-B", "-m", "unittest", "golden_test"])) ? 0 : 1;
    failed += (await passes(process.execPath, [join(CLIENTS, "compare.mjs"), server.url])) ? 0 : 1;
  } else {
    for (const route of ROUTES) failed += (await follows(route)) ? 0 : 1;
  }
} finally {
  await server.stop();
}
process.exit(failed ? 1 : 0);

/** Runs a command beside the server, whose words somebody must go on reading. */
async function passes(command, words) {
  const environment = python ? { ...process.env, PYTHON: python } : process.env;
  const [code] = await once(spawn(command, words, { cwd: CLIENTS, stdio: "inherit", env: environment }), "exit");
  return code === 0;
}

/** One client, broken off once and resumed, until a digest proved its table. */
async function follows(route) {
  const name = JSON.stringify(route);
  try {
    const held = await run(server.url, { ...DEFAULTS, ...route, ticks: 12, drop: 4, digest: !route.plain && !route.json });
    console.log(`ok ${name}: ${Object.keys(held).join(", ")}`);
    return true;
  } catch (violation) {
    console.error(`failed ${name}: ${violation}`);
    return false;
  }
}
