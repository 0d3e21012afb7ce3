// The salted chunk tree of a work: RFC 9162 with SHA-256, leaf i = salt_i || chunk_i, salt_i = HMAC(work salt, i).

import { bigEndian } from "./bytes.js";
import { RootBuilder, isIncluded, leafHash } from "./merkle.js";
import { hmac, sha256 } from "./noble.js";

const LEAF_SALT_SIZE = 16;
const FINE_LEAF = 1024;
const COARSE_LEAF = 64 * 1024;
const FINE_LIMIT = 16 * 1024 * 1024;
const SLICE = 4 * 1024 * 1024;

// Bytes of each chunk but the last, for a work of `size` bytes.
export const leafSizeOf = (size) => (size <= FINE_LIMIT ? FINE_LEAF : COARSE_LEAF);

export const leafSalt = (workSalt, index) => hmac(sha256, workSalt, bigEndian(index, 8)).subarray(0, LEAF_SALT_SIZE);

// The root over a Blob (a file), read in slices: memory does not grow with its size. At least one byte.
export async function fileRoot(blob, workSalt, pause) {
  const leafSize = leafSizeOf(blob.size);
  const tree = new RootBuilder();
  for (let start = 0; start < blob.size; start += SLICE) {
    await pause(start / blob.size);
    const slice = new Uint8Array(await blob.slice(start, start + SLICE).arrayBuffer());
    for (let at = 0; at < slice.length; at += leafSize) {
      tree.add(leafHash(leafSalt(workSalt, tree.size), slice.subarray(at, at + leafSize)));
    }
  }
  return tree.root();
}

// Whether salt and chunk are leaf `index` of the tree of `size` leaves with this root.
export const belongs = (salt, chunk, index, size, path, root) =>
  isIncluded(leafHash(salt, chunk), index, size, path, root);
