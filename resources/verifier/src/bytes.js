// How bytes are written in a certificate: 0x and lower-case digits, or base64 for content. One form each.

import { refuse, require } from "./refused.js";

const HEX = /^0x[0-9a-f]*$/;

export const ascii = (text) => Uint8Array.from(text, (sign) => sign.charCodeAt(0));
export const utf8 = (text) => new TextEncoder().encode(text);

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const same = (left, right) => left.length === right.length && left.every((byte, i) => byte === right[i]);

// Pieces of `size` bytes; the length is a multiple of it.
export function split(bytes, size) {
  return Array.from({ length: bytes.length / size }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

export function toHex(bytes) {
  return "0x" + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function fromHex(text, size) {
  const fits = size === undefined ? text.length % 2 === 0 : text.length === 2 + 2 * size;
  require(fits && HEX.test(text), "certificate.not_hex");
  return Uint8Array.from({ length: text.length / 2 - 1 }, (_, i) => parseInt(text.slice(2 + 2 * i, 4 + 2 * i), 16));
}

// RFC 4648 section 4 with padding, and no other spelling of the same bytes.
export function fromBase64(text) {
  let binary;
  try {
    binary = atob(text);
  } catch {
    refuse("certificate.not_base64");
  }
  require(btoa(binary) === text, "certificate.not_base64");
  return ascii(binary);
}

// `size` bytes of a whole number: safe integers and BigInt alike.
export function bigEndian(number, size) {
  const bytes = new Uint8Array(size);
  for (let rest = BigInt(number), i = size - 1; i >= 0; i--, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  return bytes;
}

export const littleEndian = (number, size) => bigEndian(number, size).reverse();

export const toBigInt = (bytes) => BigInt(bytes.length ? toHex(bytes) : 0);
