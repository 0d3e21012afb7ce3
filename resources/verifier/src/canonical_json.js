// Strict reading of canonical JSON (RFC 8785) without fractions: one sequence of bytes for one meaning.
//
// RFC 8785 is defined by what JSON.stringify does, so reading is: parse, write again in canonical form, and
// compare. A key that is there twice, another form of a number or a stray blank all come out different.

import { same, utf8 } from "./bytes.js";
import { Refused, refuse, require } from "./refused.js";

const MAX_DEPTH = 8;
// Runs of plain signs in one piece: a choice for each sign would exhaust the engine's stack on a long list.
const TOKEN = /"[^"\\]*(?:\\[^][^"\\]*)*"?|[[\]{}]/g;

export function write(value) {
  if (Array.isArray(value)) return `[${value.map(write).join(",")}]`;
  if (value !== null && typeof value === "object") {
    // sort() compares UTF-16 code units, as the standard asks.
    const entries = Object.keys(value).sort();
    return `{${entries.map((key) => `${write(key)}:${write(value[key])}`).join(",")}}`;
  }
  require(typeof value !== "number" || Number.isSafeInteger(value), "certificate.not_an_integer");
  require(typeof value !== "string" || !/\p{Surrogate}/u.test(value), "certificate.not_json");
  return JSON.stringify(value);
}

export const writeBytes = (value) => utf8(write(value));

export function read(bytes, maxSize) {
  require(bytes.length <= maxSize, "certificate.too_large", { size: bytes.length, maximum: maxSize });
  let value, again;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    require(depth(text) <= MAX_DEPTH, "certificate.too_deep", { maximum: MAX_DEPTH });
    value = JSON.parse(text);
    again = writeBytes(value);
  } catch (error) {
    if (error instanceof Refused) throw error;
    refuse("certificate.not_json");
  }
  require(same(again, bytes), "certificate.not_canonical");
  return value;
}

// The value as an object with exactly the keys of `form`, each of exactly its type.
// A type is "string", "integer", a form of its own, or [type] for a list.
export function readObject(form, value, name = Object.keys(form)[0]) {
  require(isObject(value), "certificate.wrong_form", { where: name });
  for (const key of Object.keys(form)) require(Object.hasOwn(value, key), "certificate.key_missing", { key });
  const unknown = Object.keys(value).sort().find((key) => !Object.hasOwn(form, key));
  require(unknown === undefined, "certificate.key_unknown", { key: String(unknown).slice(0, 40) });
  for (const [key, type] of Object.entries(form)) readValue(type, value[key], key);
  return value;
}

export const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

function readValue(type, value, name) {
  if (Array.isArray(type)) {
    require(Array.isArray(value), "certificate.wrong_form", { where: name });
    value.forEach((entry) => readValue(type[0], entry, name));
  } else if (typeof type === "object") {
    readObject(type, value, name);
  } else {
    require(typeof value === (type === "integer" ? "number" : type), "certificate.wrong_form", { where: name });
  }
}

function depth(text) {
  let deepest = 0, now = 0;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === "[" || token === "{") deepest = Math.max(deepest, ++now);
    else if (token === "]" || token === "}") now--;
  }
  return deepest;
}
