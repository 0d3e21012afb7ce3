// The package for sale, byte for byte: format version 2 (desktop_app/content/sale_package.py, whose form this is).
//
//   header = "CLPHNPK", version 2, piece size (4), content size (8), key commitment (32)
//   record = ciphertext of one chunk of 64 KiB (the last has the rest), then one plain leaf for each 1-KiB piece of it
//   ciphertext = AES-256-CTR over the whole content; plain leaf j = SHA-256(0x00, salt, j (8), piece j)

import { ascii, bigEndian, concat, same, toBigInt } from "../../verifier/src/bytes.js";
import { require } from "../../verifier/src/refused.js";
import { leafHash } from "../../verifier/src/merkle.js";
import { sha256 } from "./noble.js";

export const HEADER_SIZE = 52;
export const LEAF_SIZE = 32;
const PIECE_SIZE = 1024;
const CHUNK_SIZE = 64 * 1024;
const BLOCK_SIZE = 16; // of AES, in bytes
const MAGIC = ascii("CLPHNPK");
const VERSION = 2;

const piecesIn = (bytes) => Math.ceil(bytes / PIECE_SIZE);

// Content size in bytes that a header states. It is under no root: the offer's size decides.
export function sizeInHeader(bytes) {
  require(bytes.length >= 8 && same(bytes.subarray(0, 7), MAGIC), "checkout.not_a_package");
  require(bytes[7] === VERSION, "checkout.not_for_sale");
  require(bytes.length === HEADER_SIZE && Number(toBigInt(bytes.subarray(8, 12))) === PIECE_SIZE, "checkout.header");
  return Number(toBigInt(bytes.subarray(12, 20)));
}

// How a content of `size` bytes is laid out.
export class Layout {
  constructor(size) {
    this.size = size;
    this.chunks = Math.ceil(size / CHUNK_SIZE);
    this.pieces = piecesIn(size);
  }

  // Length of the whole file in bytes.
  get packageSize() {
    return HEADER_SIZE + this.size + this.pieces * LEAF_SIZE;
  }

  chunkLength(index) {
    return Math.min(CHUNK_SIZE, this.size - index * CHUNK_SIZE);
  }

  recordLength(index) {
    return this.chunkLength(index) + piecesIn(this.chunkLength(index)) * LEAF_SIZE;
  }

  // A record as { offset, ciphertext, leaves }: its first content byte, and the plain leaf of each piece.
  split(index, record) {
    const length = this.chunkLength(index);
    const leaves = Array.from({ length: piecesIn(length) }, (_, i) =>
      record.subarray(length + i * LEAF_SIZE, length + (i + 1) * LEAF_SIZE));
    return { offset: index * CHUNK_SIZE, ciphertext: record.subarray(0, length), leaves };
  }
}

// The pieces of a chunk (of ciphertext or content) that begins at a content byte, as [number, bytes].
export function* piecesOf(offset, chunk) {
  for (let at = 0; at < chunk.length; at += PIECE_SIZE) {
    yield [(offset + at) / PIECE_SIZE, chunk.subarray(at, at + PIECE_SIZE)];
  }
}

export const cipherLeaf = (piece) => leafHash(piece);

// Opens packages under one key (32 bytes).
export class PieceCipher {
  static async of(key) {
    const secret = await crypto.subtle.importKey("raw", key, "AES-CTR", false, ["decrypt"]);
    return new PieceCipher(secret, sha256(concat(ascii("colophon/v1/sale-salt"), key)));
  }

  constructor(secret, salt) {
    Object.assign(this, { secret, salt });
  }

  // What lies at a content byte (a multiple of 16) under this ciphertext.
  async decrypt(offset, ciphertext) {
    const counter = bigEndian(offset / BLOCK_SIZE, 16);
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-CTR", counter, length: 64 }, this.secret, ciphertext));
  }

  plainLeaf(number, piece) {
    return leafHash(this.salt, bigEndian(number, 8), piece);
  }
}
