// Reads packages as the checkout page does, under node. In: [{ package, promised, key?, address?, cut?, show? }], bytes
// in base64; with `address` the package comes from there, and the connection breaks after each `cut` bytes. Out: for
// each { content (SHA-256) }, { shown } or { refused, params, index? }.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { BadPiece, checkPackage, openPackage, showPiece } from "../../resources/checkout/src/package_reading.js";
import { AddressSource, FileSource } from "../../resources/checkout/src/package_source.js";
import { Refused } from "../../resources/verifier/src/refused.js";

const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));
const base64 = (data) => Buffer.from(data).toString("base64");

// A connection that ends without a word after `cut` bytes.
const breaking = (cut) => async (address, options) => {
  const answer = await fetch(address, options);
  let left = cut;
  const limit = new TransformStream({
    transform(piece, out) {
      if (left > 0) out.enqueue(piece.subarray(0, left));
      left -= piece.length;
      if (left <= 0) out.error(new TypeError("network error"));
    },
  });
  return { ok: answer.ok, status: answer.status, body: answer.body.pipeThrough(limit) };
};

async function outcome({ package: data, promised: { size, package_size, cipher_root, plain_root }, key, address, cut, show }) {
  const promised = { size, cipherRoot: bytes(cipher_root), plainRoot: bytes(plain_root) };
  const options = { wait: 0, ...(cut ? { fetch: breaking(cut) } : {}) };
  const source = address ? new AddressSource(address, package_size, options) : new FileSource(new Blob([bytes(data)]));
  try {
    await checkPackage(source, promised);
    if (show !== undefined) {
      const { piece, plainLeaf, cipherPath, plainPath } = await showPiece(source, promised, show);
      return { shown: [base64(piece), cipherPath.map(base64), base64(plainLeaf), plainPath.map(base64)] };
    }
    const content = [];
    await openPackage(source, promised, bytes(key), async (chunk) => content.push(chunk));
    return { content: createHash("sha256").update(Buffer.concat(content)).digest("hex") };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { refused: error.code, params: error.params, ...(error instanceof BadPiece ? { index: error.index } : {}) };
  }
}

const outcomes = [];
for (const each of JSON.parse(readFileSync(0, "utf-8"))) outcomes.push(await outcome(each));
process.stdout.write(JSON.stringify(outcomes));
