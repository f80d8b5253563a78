// Replays recordings natively and in Wasm and compares the state that each ends with, to the last bit.
// Usage: node hash.mjs PKG_DIR INFLIGHT_BIN RECORDING...

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";

const [packageDir, binary, ...recordings] = process.argv.slice(2);

/** The worker's program, as the site carries it; its JavaScript is a module whatever the folder says. */
async function loadWorker() {
  const source = readFileSync(join(packageDir, "worker.js"), "base64");
  const worker = await import(`data:text/javascript;base64,${source}`);
  worker.initSync({ module: readFileSync(join(packageDir, "worker_bg.wasm")) });
  return worker;
}

function replayNatively(recording) {
  const printed = execFileSync(binary, ["replay", recording, "--headless", "--json"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  return JSON.parse(printed);
}

function replayInWasm(worker, recording) {
  const bytes = readFileSync(recording);
  const text = recording.endsWith(".gz") ? gunzipSync(bytes) : bytes;
  return JSON.parse(worker.replay_summary(new Uint8Array(text)));
}

/** Everything but the time it took is the same on both sides. */
function differences(native, wasm) {
  const fields = new Set([...Object.keys(native), ...Object.keys(wasm)]);
  fields.delete("seconds");
  fields.delete("file");
  return [...fields].filter((field) => JSON.stringify(native[field]) !== JSON.stringify(wasm[field]));
}

const worker = await loadWorker();
let failed = 0;
for (const recording of recordings) {
  const native = replayNatively(recording);
  const wasm = replayInWasm(worker, recording);
  const wrong = differences(native, wasm);
  if (!native.state_hash) wrong.push("state_hash is missing");
  const words = wrong.map((field) => `${field}: ${JSON.stringify(native[field])} / ${JSON.stringify(wasm[field])}`);
  console.log(`${wrong.length ? "DIFFERS" : "same   "} ${native.state_hash} ${basename(recording)} ${words.join("; ")}`);
  failed += wrong.length > 0;
}
console.log(`${recordings.length - failed} of ${recordings.length} recordings end in the same state`);
process.exit(failed ? 1 : 0);
