// The Ethereum contract ABI, as much of it as our contracts use: static words, bytes, string, lists and tuples.
//
// Numbers are BigInt, addresses "0x…" in small letters, bytes Uint8Array.

import { bigEndian, concat, fromHex, toBigInt, toHex, utf8 } from "../../verifier/src/bytes.js";
import { refuse, require } from "../../verifier/src/refused.js";
import { keccak_256 } from "./noble.js";

const WORD = 32;
const LIST = /^(.*)\[(\d*)\]$/;

// "buy(address,uint256)" and its arguments as the data of a transaction.
export function encodeCall(signature, ...values) {
  const types = signature.slice(signature.indexOf("("));
  return concat(selector(signature), encode(types, values));
}

export const selector = (signature) => keccak_256(utf8(signature)).subarray(0, 4);
export const topic = (signature) => toHex(keccak_256(utf8(signature)));

// A tuple type, such as "(address,uint256)", and its values.
export function encode(type, values) {
  const types = members(type, values.length);
  if (types.length !== values.length) throw new Error(`${values.length} values for ${type}`);
  const heads = types.map((each, i) => (isDynamic(each) ? null : encodeOne(each, values[i])));
  const tails = types.map((each, i) => (isDynamic(each) ? encodeOne(each, values[i]) : null));
  let at = types.reduce((sum, each) => sum + (isDynamic(each) ? WORD : staticSize(each)), 0);
  tails.forEach((tail, i) => {
    if (tail === null) return;
    heads[i] = bigEndian(at, WORD);
    at += tail.length;
  });
  return concat(...heads, ...tails.filter(Boolean));
}

function encodeOne(type, value) {
  if (type.startsWith("(") && type.endsWith(")")) return encode(type, value);
  const list = LIST.exec(type);
  if (list) {
    const body = encode(type, value);
    return list[2] ? body : concat(bigEndian(value.length, WORD), body);
  }
  if (type === "bytes" || type === "string") {
    const bytes = type === "string" ? utf8(value) : value;
    return concat(bigEndian(bytes.length, WORD), bytes, new Uint8Array(-bytes.length & (WORD - 1)));
  }
  if (type === "address") return concat(new Uint8Array(12), fromHex(value.toLowerCase(), 20));
  if (type === "bool") return bigEndian(value ? 1 : 0, WORD);
  if (type.startsWith("bytes")) {
    if (value.length !== Number(type.slice(5))) throw new Error(`${value.length} bytes for ${type}`);
    return concat(value, new Uint8Array(WORD - value.length));
  }
  const number = BigInt(value);
  if (number < 0n || number >= 1n << BigInt(type.slice(4) || 256)) throw new Error(`${number} for ${type}`);
  return bigEndian(number, WORD);
}

// The values of a tuple type. Throws Refused where the bytes have another form.
export function decode(type, bytes) {
  return decodeTuple(members(type), bytes, 0);
}

function decodeTuple(types, bytes, base) {
  let at = base;
  return types.map((type) => {
    if (!isDynamic(type)) {
      const value = decodeOne(type, bytes, at);
      at += staticSize(type);
      return value;
    }
    const offset = length(bytes, at);
    at += WORD;
    return decodeOne(type, bytes, base + offset);
  });
}

function decodeOne(type, bytes, at) {
  if (type.startsWith("(") && type.endsWith(")")) return decodeTuple(members(type), bytes, at);
  const list = LIST.exec(type);
  if (list) {
    const count = list[2] ? Number(list[2]) : length(bytes, at);
    require(count <= bytes.length / WORD, "checkout.node_nonsense");
    return decodeTuple(Array(count).fill(list[1]), bytes, list[2] ? at : at + WORD);
  }
  if (type === "bytes" || type === "string") {
    const size = length(bytes, at);
    require(at + WORD + size <= bytes.length, "checkout.node_nonsense");
    const found = bytes.slice(at + WORD, at + WORD + size);
    return type === "string" ? new TextDecoder().decode(found) : found;
  }
  const word = wordAt(bytes, at);
  if (type === "address") return toHex(word.subarray(12));
  if (type === "bool") return toBigInt(word) !== 0n;
  if (type.startsWith("bytes")) return word.slice(0, Number(type.slice(5)));
  return toBigInt(word);
}

function wordAt(bytes, at) {
  if (at + WORD > bytes.length) refuse("checkout.node_nonsense");
  return bytes.subarray(at, at + WORD);
}

function length(bytes, at) {
  const number = toBigInt(wordAt(bytes, at));
  require(number <= bytes.length, "checkout.node_nonsense");
  return Number(number);
}

function isDynamic(type) {
  const list = LIST.exec(type);
  if (list && !(type.startsWith("(") && type.endsWith(")"))) return list[2] === "" || isDynamic(list[1]);
  if (type.startsWith("(")) return members(type).some(isDynamic);
  return type === "bytes" || type === "string";
}

function staticSize(type) {
  const list = LIST.exec(type);
  if (list) return Number(list[2]) * staticSize(list[1]);
  return type.startsWith("(") ? members(type).reduce((sum, each) => sum + staticSize(each), 0) : WORD;
}

// The types in a tuple or of a list of `count`.
function members(type, count = 0) {
  const list = LIST.exec(type);
  if (list) return Array(list[2] ? Number(list[2]) : count).fill(list[1]);
  const found = [];
  let depth = 0, start = 1;
  for (let at = 1; at < type.length; at++) {
    const sign = type[at];
    if (depth === 0 && (sign === "," || at === type.length - 1)) {
      if (at > start) found.push(type.slice(start, at));
      start = at + 1;
    }
    if (sign === "(") depth++;
    else if (sign === ")") depth--;
  }
  return found;
}
