// The checkout page's encodings under node. In: [[what, ...arguments]]; bytes are { hex }, numbers { number }.

import { readFileSync } from "node:fs";
import { decode, encode, encodeCall } from "../../resources/checkout/src/abi.js";
import { contentKey, findOrder } from "../../resources/checkout/src/key_escrow.js";
import { open } from "../../resources/checkout/src/hpke.js";
import { split, toHex } from "../../resources/verifier/src/bytes.js";
import { Refused } from "../../resources/verifier/src/refused.js";

const bytes = (text) => new Uint8Array(Buffer.from(text.replace("0x", ""), "hex"));

function read(value) {
  if (Array.isArray(value)) return value.map(read);
  if (value?.hex !== undefined) return bytes(value.hex);
  return value?.number !== undefined ? BigInt(value.number) : value;
}

function write(value) {
  if (Array.isArray(value)) return value.map(write);
  if (value instanceof Uint8Array) return { hex: toHex(value) };
  return typeof value === "bigint" ? { number: String(value) } : value;
}

const words = (point) => split(point, 32);
const nodeWith = (logs) => ({ ask: async (method) => (method === "eth_getLogs" ? logs : "0x9") });

const WORK = {
  encode, decode, open, encodeCall,
  contentKey: (a1, a2, v, secret) =>
    contentKey({ method: 1, a1: words(a1), a2: words(a2) }, null, { v: words(v) }, secret),
  findOrder: async (logs, escrow, chain, id, key, buyer) =>
    (await findOrder(nodeWith(logs), escrow, chain, { id }, words(key), buyer, 0))?.id ?? null,
};

const outcomes = [];
for (const [what, ...given] of JSON.parse(readFileSync(0, "utf-8"))) {
  try {
    outcomes.push(write(await WORK[what](...given.map(read))));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    outcomes.push({ refused: error.code });
  }
}
process.stdout.write(JSON.stringify(outcomes));
