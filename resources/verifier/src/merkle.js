// Merkle trees with SHA-256 after RFC 9162 section 2.1.

import { concat, same } from "./bytes.js";
import { sha256 } from "./noble.js";

const HASH_SIZE = 32;

export const leafHash = (...parts) => sha256(concat(Uint8Array.of(0), ...parts));

// The root over leaf hashes that come one after another; memory grows with log2 of their number.
export class RootBuilder {
  #subtrees = []; // one complete subtree for each set bit of `size`, the largest first
  size = 0;

  add(leaf) {
    for (let size = this.size; size % 2 === 1; size = Math.floor(size / 2)) leaf = this.join(this.#subtrees.pop(), leaf);
    this.#subtrees.push(leaf);
    this.size++;
  }

  // Once, when all leaves are there: at least one.
  root() {
    return this.#subtrees.reduceRight((right, left) => this.join(left, right));
  }

  join(left, right) {
    return sha256(concat(Uint8Array.of(1), left, right));
  }
}

// Whether this leaf hash is at `index` of the tree of `size` leaves with this root (RFC 9162, 2.1.3.2).
// Strict: exactly the hashes that this place in this tree has.
export function isIncluded(leaf, index, size, path, root) {
  let node = leaf;
  const tree = new RootBuilder();
  let used = 0;
  for (let last = size - 1; last > 0; index = Math.floor(index / 2), last = Math.floor(last / 2)) {
    const isRight = index % 2 === 1;
    if (!isRight && index === last) continue;
    const sibling = path[used++];
    if (sibling?.length !== HASH_SIZE) return false;
    node = tree.join(...(isRight ? [sibling, node] : [node, sibling]));
  }
  return used === path.length && same(node, root);
}
