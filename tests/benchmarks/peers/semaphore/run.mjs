import { Identity, Group, generateProof, verifyProof } from "@semaphore-protocol/core";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

// Usage: node run.mjs MEMBERS ROUNDS. Prints JSON: the least milliseconds to make and to verify a proof, as pytest-benchmark
// gives them for ours: other work on the machine only ever adds.
const [members, rounds] = process.argv.slice(2).map(Number);
const artifacts = dirname(createRequire(import.meta.url).resolve("@zk-kit/semaphore-artifacts/package.json"));
const identity = new Identity("colophon-benchmark");
const group = new Group([identity.commitment, ...Array.from({ length: members - 1 }, (_, i) => BigInt(i + 2))]);
const depth = Math.max(1, Math.ceil(Math.log2(members)));
const files = { wasm: join(artifacts, `semaphore-${depth}.wasm`), zkey: join(artifacts, `semaphore-${depth}.zkey`) };
const make = [], verify = [];
let proof;
for (let round = 0; round < rounds; round++) {
  let start = performance.now();
  proof = await generateProof(identity, group, "message", "scope", depth, files);
  make.push(performance.now() - start);
  start = performance.now();
  if (!(await verifyProof(proof))) throw new Error("refused");
  verify.push(performance.now() - start);
}
console.log(JSON.stringify({ members, make_ms: Math.min(...make), verify_ms: Math.min(...verify), bytes: JSON.stringify(proof).length }));
process.exit(0);
