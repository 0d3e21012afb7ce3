// The salted chunk tree of a work: RFC 9162 with SHA-256, leaf i = salt_i || chunk_i, salt_i = HMAC(work salt, i).

import { bigEndian, concat, same } from "./bytes.js";
import { hmac, sha256 } from "./noble.js";

const LEAF_SALT_SIZE = 16;
const HASH_SIZE = 32;
const FINE_LEAF = 1024;
const COARSE_LEAF = 64 * 1024;
const FINE_LIMIT = 16 * 1024 * 1024;
const SLICE = 4 * 1024 * 1024;

// Bytes of each chunk but the last, for a work of `size` bytes.
export const leafSizeOf = (size) => (size <= FINE_LIMIT ? FINE_LEAF : COARSE_LEAF);

const leafHash = (salt, chunk) => sha256(concat(Uint8Array.of(0), salt, chunk));
const nodeHash = (left, right) => sha256(concat(Uint8Array.of(1), left, right));

// The root over a Blob (a file), read in slices: memory does not grow with its size. At least one byte.
export async function fileRoot(blob, workSalt, pause) {
  const leafSize = leafSizeOf(blob.size);
  const subtrees = []; // one complete subtree for each set bit of `count`, the largest first
  let count = 0;
  for (let start = 0; start < blob.size; start += SLICE) {
    await pause(start / blob.size);
    const slice = new Uint8Array(await blob.slice(start, start + SLICE).arrayBuffer());
    for (let at = 0; at < slice.length; at += leafSize) {
      const salt = hmac(sha256, workSalt, bigEndian(count, 8)).subarray(0, LEAF_SALT_SIZE);
      let node = leafHash(salt, slice.subarray(at, at + leafSize));
      for (let size = count; size % 2 === 1; size = Math.floor(size / 2)) node = nodeHash(subtrees.pop(), node);
      subtrees.push(node);
      count++;
    }
  }
  return subtrees.reduceRight((right, left) => nodeHash(left, right));
}

// Whether salt and chunk are leaf `index` of the tree of `size` leaves with this root (RFC 9162, 2.1.3.2).
// Strict: exactly the hashes that this place in this tree has.
export function belongs(salt, chunk, index, size, path, root) {
  let node = leafHash(salt, chunk);
  let used = 0;
  for (let last = size - 1; last > 0; index = Math.floor(index / 2), last = Math.floor(last / 2)) {
    const isRight = index % 2 === 1;
    if (!isRight && index === last) continue;
    const sibling = path[used++];
    if (sibling?.length !== HASH_SIZE) return false;
    node = isRight ? nodeHash(sibling, node) : nodeHash(node, sibling);
  }
  return used === path.length && same(node, root);
}
