// Does frozen runs of agents again in Wasm and compares the hash that each ends with; natively
// app/agents/tests/corpus.rs does the same.
// Usage: node runs.mjs PROGRAM_DIR RUN...

import { readFileSync } from "node:fs";
import { basename, join } from "node:path";

const [programDir, ...runs] = process.argv.slice(2);
const source = readFileSync(join(programDir, "corpus.js"), "base64");
const corpus = await import(`data:text/javascript;base64,${source}`);
corpus.initSync({ module: readFileSync(join(programDir, "corpus_bg.wasm")) });

/** The hash that Wasm comes to, or why it comes to none. */
function replayed(lines) {
  try {
    return corpus.replay_run(lines);
  } catch (error) {
    return error.message;
  }
}

let failed = 0;
for (const run of runs) {
  const lines = readFileSync(run, "utf8").trimEnd();
  const expected = JSON.parse(lines.split("\n").at(-1)).hash;
  const got = replayed(lines);
  console.log(`${got === expected ? "same   " : "DIFFERS"} ${expected} ${basename(run)} ${got === expected ? "" : got}`);
  failed += got !== expected;
}
console.log(`${runs.length - failed} of ${runs.length} runs end with the same hash`);
process.exit(failed || runs.length === 0 ? 1 : 0);
