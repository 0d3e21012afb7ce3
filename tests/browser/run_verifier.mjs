// Runs the page's verifier under node: one JSON array of cases on standard input, one of outcomes on standard output.
// A case: { certificate, now, challenge?, audience?, file? }, bytes in base64. An outcome: state and code of each
// verdict, or { refused: code }.

import { readFileSync } from "node:fs";
import { Refused } from "../../resources/verifier/src/refused.js";
import { judgeFile, verify } from "../../resources/verifier/src/verify.js";

const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));

async function outcome({ certificate, now, challenge = null, audience = null, file }) {
  try {
    const { statement, proof, freshness, subject } = await verify(bytes(certificate), { now, challenge, audience });
    const verdicts = { proof, freshness, subject };
    if (file !== undefined) verdicts.file = await judgeFile(statement, new Blob([bytes(file)]));
    return Object.fromEntries(Object.entries(verdicts).map(([name, { state, code }]) => [name, [state, code]]));
  } catch (error) {
    if (error instanceof Refused) return { refused: error.code };
    throw error;
  }
}

const outcomes = [];
for (const each of JSON.parse(readFileSync(0, "utf-8"))) outcomes.push(await outcome(each));
process.stdout.write(JSON.stringify(outcomes));
